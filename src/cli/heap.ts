/** Limits the unused memory of the process: `keepHeapSmall`, `heapUsed` and `fullCollection`. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Call this when everything is loaded. V8 lets the space for new objects grow to twice 32 MB and more when many objects are
 * created at once. The objects of an operator are short-lived, so the few megabytes that were needed to load the program
 * are enough. V8 reads the flag each time that the space would grow, and ignores it if it no longer supports it.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}

/** Bytes of the JavaScript heap in use. */
export function heapUsed(): number {
  return getHeapStatistics().used_heap_size
}

/**
 * A full garbage collection, which returns unused pages to the system. Node.js has it only behind a flag, which applies to
 * new contexts. Does nothing if V8 has no such function.
 */
export function fullCollection(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('globalThis.gc')
  return () => {
    if (typeof collect === 'function') collect()
  }
}
