/** Which task types a release knows, and what runs each: `handlerOf`. */
import type { Profile } from '../profile.ts'
import { configApply, configValidate } from './config.ts'
import { configureGenesis } from './genesis.ts'
import { configureStateSync, discoverPeers } from './peers.ts'
import { snapshotRestore } from './restore.ts'
import type { TaskHandler } from './task.ts'
import { resultExport, snapshotUpload, snapshotUploadOnce } from './uploads.ts'

/** Those that the operator submits; the engine itself gives mark-ready its effect. */
const HANDLERS: ReadonlyMap<string, TaskHandler> = new Map([
  ['snapshot-restore', snapshotRestore],
  ['configure-genesis', configureGenesis],
  ['config-apply', configApply],
  ['discover-peers', discoverPeers],
  ['configure-state-sync', configureStateSync],
  ['config-validate', configValidate],
  ['mark-ready', async () => undefined],
  ['snapshot-upload', snapshotUpload],
  ['snapshot-upload-once', snapshotUploadOnce],
  ['result-export', resultExport],
])

export function handlerOf(type: string, profile: Profile): TaskHandler | undefined {
  if (type === 'discover-peers' && !profile.discoversPeers) return undefined
  if (type === 'snapshot-upload-once' && !profile.uploadsOnce) return undefined
  return HANDLERS.get(type)
}
