/** How much memory the process takes beside what it uses: `keepHeapSmall`, `heapUsed` and `fullCollection`. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * To be called when everything is loaded. V8 would let the space for new objects grow to 32 MB and more, twice, wherever
 * many objects are made at once. What an operator makes is dead a moment later, so that the few megabytes which loading the
 * program took do as well; nothing is gained by more. The flag is read each time that the space would grow; a V8 that knows
 * it no more ignores it.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}

/** Bytes of the JavaScript heap in use. */
export function heapUsed(): number {
  return getHeapStatistics().used_heap_size
}

/**
 * A full garbage collection, which returns unused pages to the system. Node.js offers it only behind a flag, which new
 * contexts heed. Where V8 has no such function, nothing is collected.
 */
export function fullCollection(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('globalThis.gc')
  return () => {
    if (typeof collect === 'function') collect()
  }
}
