/** A directory for PATH in which `seid` is a stand-in: `installStandInSeid`. */
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SEID_APP, SEID_CONFIG } from '../sidecar/index.ts'

/** Makes the directory. What the program plays is said in stand-in-seid.sh. */
export function installStandInSeid(dir: string): void {
  mkdirSync(dir, { recursive: true })
  copyFileSync(join(import.meta.dirname, 'stand-in-seid.sh'), join(dir, 'seid'))
  chmodSync(join(dir, 'seid'), 0o755)
  writeFileSync(join(dir, 'config.toml'), SEID_CONFIG)
  writeFileSync(join(dir, 'app.toml'), SEID_APP)
}
