/** Every task type with the releases that know it; `handlerOf` is undefined where a release answers `unknown task type`. */
import type { Profile } from '../profile.ts'
import { configApply, configPatch, configReload, configValidate } from './config-tasks.ts'
import { configureGenesis } from './configure-genesis.ts'
import type { TaskHandler } from './context.ts'
import { assembleAndUploadGenesis, generateGentx, uploadGenesisArtifacts } from './genesis-ceremony.ts'
import { generateIdentity } from './identity.ts'
import { awaitCondition, resetData, resultExport } from './local-node.ts'
import { configureStateSync, discoverPeers, setGenesisPeers } from './peers.ts'
import { snapshotRestore } from './snapshot-restore.ts'
import { snapshotUpload, snapshotUploadOnce } from './snapshot-upload.ts'

interface TaskType {
  readonly since: number
  /** The last release that knows it. */
  readonly until?: number
  readonly run: TaskHandler
}

const succeed: TaskHandler = async () => undefined

/** Known to the release, but of no use without a real seid: submitting one is answered honestly. */
const notPlayed: TaskHandler = async () => {
  throw new Error('the fake sidecar does not play this task')
}

const TYPES: Readonly<Record<string, TaskType>> = {
  'snapshot-restore': { since: 16, run: snapshotRestore },
  'config-patch': { since: 16, run: configPatch },
  'config-apply': { since: 16, run: configApply },
  'config-validate': { since: 16, run: configValidate },
  'config-reload': { since: 16, run: configReload },
  'mark-ready': { since: 16, run: succeed },
  'configure-genesis': { since: 16, run: configureGenesis },
  'configure-state-sync': { since: 16, run: configureStateSync },
  'snapshot-upload': { since: 16, run: snapshotUpload },
  'result-export': { since: 16, run: resultExport },
  'discover-peers': { since: 16, until: 56, run: discoverPeers },
  'await-condition': { since: 19, run: awaitCondition },
  'generate-identity': { since: 22, run: generateIdentity },
  'generate-gentx': { since: 22, run: generateGentx },
  'upload-genesis-artifacts': { since: 22, run: uploadGenesisArtifacts },
  'assemble-and-upload-genesis': { since: 22, run: assembleAndUploadGenesis },
  'set-genesis-peers': { since: 23, run: setGenesisPeers },
  'assemble-genesis-fork': { since: 28, until: 43, run: notPlayed },
  'export-state': { since: 28, until: 44, run: notPlayed },
  'upload-file': { since: 41, until: 43, run: notPlayed },
  'gov-vote': { since: 50, run: notPlayed },
  'gov-software-upgrade': { since: 50, run: notPlayed },
  'restart-seid': { since: 56, run: notPlayed },
  'gov-param-change': { since: 58, run: notPlayed },
  'evm-logical-digest': { since: 60, run: notPlayed },
  'mark-not-ready': { since: 64, run: succeed },
  'stop-seid': { since: 64, run: notPlayed },
  'reset-data': { since: 64, run: resetData },
  'snapshot-upload-once': { since: 66, run: snapshotUploadOnce },
}

export function handlerOf(type: string, profile: Profile): TaskHandler | undefined {
  const known = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined
  if (known === undefined || profile.release < known.since) return undefined
  return known.until !== undefined && profile.release > known.until ? undefined : known.run
}
