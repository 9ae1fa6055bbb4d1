/** What each version of `seictl serve` does differently, as one table of changes: `profileOf('v0.0.25')` adds up all changes to that tag. */

export interface Profile {
  readonly tag: string
  /** The number after `v0.0.`. */
  readonly release: number

  /** One one-shot task at a time; a second POST is answered 409. */
  readonly oneAtATime: boolean
  /** Status of an accepted one-shot task; an accepted schedule is always 201. */
  readonly acceptedStatus: 201 | 202
  /** The id in a request is used, checked and deduplicated; otherwise ignored, whatever its JSON type. */
  readonly clientIds: boolean
  /** Where a schedule is read from; elsewhere the field is ignored and the task runs once, now. */
  readonly schedule: 'schedule' | 'async' | 'ignored'

  /** `memory` forgets at a restart; `database` keeps every row in the home directory. */
  readonly store: 'memory' | 'database'
  readonly listLimit: number
  /** A POST with the id of a failed task. */
  readonly failedId: 'stays-failed' | 'runs-again'
  readonly runCounter: boolean
  readonly result: 'none' | 'on-success' | 'always'
  /** DELETE of a running task: not deletable; cancelled and forgotten; or removed until the task ends and its row comes back. */
  readonly deleteRunning: 'refused' | 'cancels' | 'reappears'
  readonly timestamps: 'local' | 'utc'

  readonly paths: readonly string[]
  readonly authentication: boolean
  readonly requiredEnvironment: readonly string[]

  /** Wrongly typed parameters read as absent, or fail the task. */
  readonly params: 'lenient' | 'strict'
  /** Where snapshot-restore looks: its parameters, `CHAIN/` or `CHAIN/state-sync/` of SEI_SNAPSHOT_BUCKET. */
  readonly restoreFrom: 'params' | 'chain' | 'chain/state-sync'
  readonly uploadTo: 'params' | 'chain' | 'chain/state-sync'
  readonly upload: 'once' | 'loop'
  /** The archive step reads data/snapshots/metadata.db, a directory on every real node. */
  readonly uploadOfDirectory: 'fails' | 'works'
  readonly genesisFrom: 'params' | 'environment'
  readonly s3Errors: 'sdk' | 'classified'
  readonly emptyPatch: 'succeeds' | 'fails'
  /** Errors of one export page end the task or are swallowed. */
  readonly exportErrors: 'swallowed' | 'fail'
  /** seid answers flat JSON; before, an envelope was expected and await-condition and result-export never saw a height. */
  readonly readsFlatRpc: boolean
  readonly identity: 'runs-seid' | 'built-in'
  readonly peerSources: readonly string[]
  /** How discover-peers refuses a source that lacks something. */
  readonly peerTexts: 'first' | 'later'
  /** configure-state-sync asks only the first peer, or probes all and takes the reachable ones. */
  readonly witnesses: 'first-peer' | 'reachable'

  /** Highest config schema version that config-validate accepts, and the one that is written. */
  readonly configVersion: number
  readonly validatorListens: '127.0.0.1' | '0.0.0.0'
  readonly fullPruning: 'nothing' | 'custom'
  readonly listOverrides: boolean
  /** A quoted scalar or a float where an integer belongs is an error. */
  readonly strictToml: boolean
}

const FIRST: Omit<Profile, 'tag' | 'release'> = {
  oneAtATime: true,
  acceptedStatus: 202,
  clientIds: false,
  schedule: 'schedule',
  store: 'memory',
  listLimit: 10,
  failedId: 'stays-failed',
  runCounter: false,
  result: 'none',
  deleteRunning: 'refused',
  timestamps: 'local',
  paths: ['/v0/healthz', '/v0/status', '/v0/tasks'],
  authentication: false,
  requiredEnvironment: [],
  params: 'lenient',
  restoreFrom: 'params',
  uploadTo: 'params',
  upload: 'once',
  uploadOfDirectory: 'fails',
  genesisFrom: 'params',
  s3Errors: 'sdk',
  emptyPatch: 'succeeds',
  exportErrors: 'swallowed',
  readsFlatRpc: false,
  identity: 'runs-seid',
  peerSources: ['ec2Tags', 'static'],
  peerTexts: 'first',
  witnesses: 'first-peer',
  configVersion: 1,
  validatorListens: '127.0.0.1',
  fullPruning: 'nothing',
  listOverrides: false,
  strictToml: true,
}

const GENESIS_ENVIRONMENT = ['SEI_CHAIN_ID', 'SEI_GENESIS_BUCKET', 'SEI_GENESIS_REGION']
const SNAPSHOT_ENVIRONMENT = ['SEI_SNAPSHOT_BUCKET', 'SEI_SNAPSHOT_REGION']
const PATHS_21 = [...FIRST.paths, '/v0/node-id']
const PATHS_31 = [...PATHS_21, '/v0/livez', '/v0/metrics']

/** [first release, what changed there]; task types carry their own releases, in `tasks/registry.ts`. */
const CHANGES: readonly (readonly [number, Partial<Profile>])[] = [
  [17, { schedule: 'async' }],
  [18, { oneAtATime: false, acceptedStatus: 201, schedule: 'schedule', deleteRunning: 'cancels' }],
  [21, { paths: PATHS_21, readsFlatRpc: true }],
  [22, { clientIds: true }],
  [23, { identity: 'built-in' }],
  [24, { validatorListens: '0.0.0.0' }],
  [25, { store: 'database', listLimit: 100, schedule: 'ignored', deleteRunning: 'reappears', timestamps: 'utc' }],
  [26, { params: 'strict', upload: 'loop', genesisFrom: 'environment', emptyPatch: 'fails', exportErrors: 'fail' }],
  [26, { requiredEnvironment: GENESIS_ENVIRONMENT, peerTexts: 'later' }],
  [27, { restoreFrom: 'chain', uploadTo: 'chain' }],
  [27, { requiredEnvironment: [...GENESIS_ENVIRONMENT, ...SNAPSHOT_ENVIRONMENT] }],
  [30, { peerSources: ['ec2Tags', 'static', 'dnsEndpoints'] }],
  [31, { failedId: 'runs-again', runCounter: true, paths: PATHS_31, s3Errors: 'classified', fullPruning: 'custom' }],
  [39, { restoreFrom: 'chain/state-sync', uploadTo: 'chain/state-sync' }],
  [40, { uploadOfDirectory: 'works' }],
  [50, { paths: [...PATHS_31, '/v0/startupz'], authentication: true, listOverrides: true }],
  [54, { configVersion: 2 }],
  [55, { witnesses: 'reachable' }],
  [59, { result: 'on-success' }],
  [61, { result: 'always' }],
  [64, { strictToml: false }],
  [66, { deleteRunning: 'cancels' }],
]

/** The releases that can be played: the numbers after `v0.0.`. */
export const OLDEST = 16
export const NEWEST = 70

/** One tag of every stretch of the protocol that behaves differently; the contract suite runs them all. */
export const PROFILES: readonly string[] = [16, 17, 20, 22, 25, 26, 27, 30, 40, 50, 61, 66, 70].map(
  release => `v0.0.${release}`,
)

/** `latest` is the newest known. Throws where the tag is not one of v0.0.16 to v0.0.70. */
export function profileOf(tag: string): Profile {
  const name = tag === 'latest' ? `v0.0.${NEWEST}` : tag
  const release = Number(/^v0\.0\.(\d+)$/.exec(name)?.[1])
  if (!(release >= OLDEST && release <= NEWEST)) {
    throw new Error(`seictl ${tag} has no profile: expected v0.0.${OLDEST} to v0.0.${NEWEST}, or latest`)
  }
  const changes = CHANGES.filter(([since]) => since <= release).map(([, change]) => change)
  return Object.assign({ ...FIRST, tag: name, release }, ...changes)
}
