/** Tells a file that is run from one that is imported: `isEntryPoint`. (`import.meta.main` is absent before Node 24.2.) */
import { realpathSync } from 'node:fs'

/** Whether Node was started with the file of this `import.meta`, by whatever links its path leads there. */
export function isEntryPoint(meta: ImportMeta): boolean {
  const started = process.argv[1]
  return started !== undefined && realpathSync(started) === meta.filename
}
