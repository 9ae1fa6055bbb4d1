/** Text that does nothing to a terminal but show itself: `safeText`. Messages of the cluster may have escape sequences. */
import { stripVTControlCharacters } from 'node:util'

/** All but line feed, tab, and the ESC of a colour. */
const CONTROLS = /(?!\n|\t|\u001b\[[\d;]*m)\p{Cc}/gu

/** Lines without control characters. `keepsColor`: colours stay. */
export function safeText(text: string, keepsColor: boolean): string {
  return (keepsColor ? text : stripVTControlCharacters(text)).replaceAll(CONTROLS, '')
}
