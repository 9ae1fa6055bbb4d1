/** How the releases of `seictl serve` differ for the operator, as one table of changes: `profileOf('v0.0.25')` adds up all changes to that tag. */

export interface Profile {
  readonly tag: string
  /** The number after `v0.0.`. */
  readonly release: number

  /** One task at a time, accepted with 202; a second POST is answered 409. Else any number, accepted with 201. */
  readonly oneAtATime: boolean
  /** The id in a request is used, checked and deduplicated; otherwise ignored. */
  readonly clientIds: boolean
  /** `memory` forgets at a restart, and keeps ten tasks; `database` keeps every row in the home directory. */
  readonly store: 'memory' | 'database'
  /** A POST with the id of a failed task executes it once more, and results have a `run` that counts the executions. */
  readonly repeatsFailed: boolean
  /** DELETE of a running task: not deletable; cancelled and forgotten; or removed until the task ends and its row comes back. */
  readonly deleteRunning: 'refused' | 'cancels' | 'reappears'

  /** The process exits where a variable for the buckets is missing. */
  readonly needsBuckets: boolean
  readonly genesisFrom: 'params' | 'environment'
  readonly checksGenesisHash: boolean
  /** Where snapshots lie: as the parameters say, or below `CHAIN/` or `CHAIN/state-sync/` in SEI_SNAPSHOT_BUCKET. */
  readonly snapshotsIn: 'params' | 'chain' | 'chain/state-sync'
  readonly upload: 'once' | 'loop'
  readonly uploadsOnce: boolean
  readonly discoversPeers: boolean
  /** configure-state-sync takes `rpcServers`. */
  readonly takesRpcServers: boolean
  /** The highest version of the configuration format that config-apply reads, and the one that it writes. */
  readonly configVersion: number
}

const FIRST: Omit<Profile, 'tag' | 'release'> = {
  oneAtATime: true,
  clientIds: false,
  store: 'memory',
  repeatsFailed: false,
  deleteRunning: 'refused',
  needsBuckets: false,
  genesisFrom: 'params',
  checksGenesisHash: false,
  snapshotsIn: 'params',
  upload: 'once',
  uploadsOnce: false,
  discoversPeers: true,
  takesRpcServers: false,
  configVersion: 1,
}

/** [first release, what changed there] */
const CHANGES: readonly (readonly [number, Partial<Profile>])[] = [
  [18, { oneAtATime: false, deleteRunning: 'cancels' }],
  [22, { clientIds: true }],
  [25, { store: 'database', deleteRunning: 'reappears' }],
  [26, { upload: 'loop', genesisFrom: 'environment' }],
  [27, { snapshotsIn: 'chain', needsBuckets: true }],
  [31, { repeatsFailed: true }],
  [39, { snapshotsIn: 'chain/state-sync' }],
  [54, { configVersion: 2 }],
  [55, { takesRpcServers: true }],
  [57, { discoversPeers: false }],
  [59, { checksGenesisHash: true }],
  [66, { uploadsOnce: true, deleteRunning: 'cancels' }],
]

const OLDEST = 16
const NEWEST = 70

/** One tag of every stretch of releases that differs for the operator; the contract suite runs them all. */
export const PROFILES: readonly string[] = [16, 20, 22, 25, 27, 40, 61, 70].map(release => `v0.0.${release}`)

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
