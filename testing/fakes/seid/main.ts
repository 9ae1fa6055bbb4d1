/** Prints the path of the real seid, built first where it is not there yet: `node testing/fakes/seid/main.ts`. */
import { resolveSeid } from './resolve-seid.ts'

try {
  console.log((await resolveSeid(process.env)).path)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
