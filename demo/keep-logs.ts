/** Saves the logs from the clean-up after a failure: `keepLogs`. */
import { copyFile, mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Copies every log in `dir` to a new directory, and returns that. */
export async function keepLogs(dir: string): Promise<string> {
  const kept = await mkdtemp(join(tmpdir(), 'sei-demo-logs-'))
  const logs = (await readdir(dir)).filter(name => name.endsWith('.log') && !name.startsWith('audit'))
  await Promise.all(logs.map(name => copyFile(join(dir, name), join(kept, name))))
  return kept
}
