/** What a command prints once every seid that runs has answered it: `withHeights`. */
import { until } from '../support/until.ts'

/** In tables, in the status of a node or pool, and in JSON. */
const UNKNOWN = /Heights are missing|(?:Height +|height |"height)[Uu]nknown"?:(?! ?"?seid does not run)/

/**
 * On a slow machine a port-forward may take longer than the plugin waits.
 * @param output runs the command, which changes nothing
 */
export function withHeights(output: () => Promise<string>): Promise<string> {
  let text = 'nothing'
  return until(
    'all heights',
    async () => {
      text = await output()
      return UNKNOWN.test(text) ? undefined : text
    },
    { found: () => text },
  )
}
