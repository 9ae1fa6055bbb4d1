/** How much memory the process takes beside what it uses: `keepHeapSmall`. */
import { setFlagsFromString } from 'node:v8'

/**
 * To be called when everything is loaded. V8 would let the space for new objects grow to 32 MB and more, twice, wherever
 * many objects are made at once. What an operator makes is dead a moment later, so that the few megabytes which loading the
 * program took do as well; nothing is gained by more. The flag is read each time that the space would grow; a V8 that knows
 * it no more ignores it.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
