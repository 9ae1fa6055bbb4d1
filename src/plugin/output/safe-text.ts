/** Text that does nothing to a terminal but show itself: `safeText`. Messages of the cluster may have escape sequences. */
import { stripVTControlCharacters } from 'node:util'

const ESC = '\u001b'

/** A control character, with what makes it a colour if it is ESC. */
const CONTROL = /(\p{Cc})(\[[\d;]*m)?/gu

/** The text without control characters but line feed and tab. `keepsColor`: colours stay. */
export function safeText(text: string, keepsColor: boolean): string {
  const given = keepsColor ? text : stripVTControlCharacters(text)
  return given.replaceAll(CONTROL, (match: string, control: string, color = '') => {
    const isColor = control === ESC && color !== ''
    return control === '\n' || control === '\t' || isColor ? match : color
  })
}
