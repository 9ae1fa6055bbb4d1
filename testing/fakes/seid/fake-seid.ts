/** A directory for PATH in which `seid` is a fake: `installFakeSeid`. */
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SEID_APP, SEID_CONFIG } from '../sidecar/index.ts'

/** Creates the directory. The behaviour of the program is described in fake-seid.sh. */
export function installFakeSeid(dir: string): void {
  mkdirSync(dir, { recursive: true })
  copyFileSync(join(import.meta.dirname, 'fake-seid.sh'), join(dir, 'seid'))
  chmodSync(join(dir, 'seid'), 0o755)
  writeFileSync(join(dir, 'config.toml'), SEID_CONFIG)
  writeFileSync(join(dir, 'app.toml'), SEID_APP)
}
