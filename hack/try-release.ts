/** Tries the operator's own code on one release of the sidecar, played by the fake: `tryRelease`. */
import { MemoryHome } from '../testing/fakes/sidecar/index.ts'
import type { TaskBehaviour } from '../testing/fakes/sidecar/index.ts'
import { helpfulWorld } from '../testing/fakes/sidecar/world.ts'
import type { TaskPlan } from '../src/api/seinode-status.ts'
import type { SeiNode, SeiNodeSpec } from '../src/api/seinode.ts'
import { readsLocation } from '../src/plan/ignored-location.ts'
import { failedTask, retryPlan } from '../src/plan/task-plan.ts'
import { SidecarError } from '../src/sidecar/errors.ts'
import { Sidecar, type TaskEnd, WatchedObjects } from './trial-sidecar.ts'

/** What was seen, as the cells of a table. */
export interface Trial {
  readonly bootstrap: string
  readonly retry: string
  readonly ec2Tags: string
  readonly snapshot: string
  readonly genesis: string
  /** On a chain whose genesis is built into the sidecar. */
  readonly builtInGenesis: string
  /** Whether the node's status tells of places that the spec names and the sidecar did not read. */
  readonly ignoredPlaces: string
  readonly upload: string
  readonly export: string
  readonly ids: string
  readonly atOnce: string
  readonly memory: string
  readonly failedAgain: string
}

const TASK_ID = '6a2a9b0c-5f0e-4d3c-9a53-0d1f5b1f3a01'
const OTHER_TASK_ID = 'b7d3c1ce-1b8e-4a53-8f7c-52f0c2f04c02'

const region = 'us-east-2'
const SNAPSHOT_URI = 's3://snapshots/some/folder'
const GENESIS_URI = 's3://files/some/genesis.json'
const snapshot: SeiNodeSpec['snapshot'] = { s3: { uri: SNAPSHOT_URI, region }, trustPeriod: '9999h0m0s' }
const genesis: SeiNodeSpec['genesis'] = { s3: { uri: GENESIS_URI, region } }
const peer = '0123456789abcdef0123456789abcdef01234567@peer.example:26656'

const OWN_CHAIN = nodeOf({ chainId: 'my-chain', genesis, snapshot, peers: [{ static: { addresses: [peer] } }] })
const WELL_KNOWN_CHAIN = nodeOf({
  chainId: 'pacific-1',
  genesis,
  peers: [{ ec2Tags: { region, tags: { Network: 'pacific-1' } } }],
})
const UPLOADER = nodeOf({
  chainId: 'my-chain',
  genesis,
  snapshotGeneration: {
    interval: 2000,
    keepRecent: 2,
    schedule: '@daily',
    destination: { s3: { bucket: 'uploads', prefix: 'some/folder/', region } },
  },
})
const REPLAYER = nodeOf({
  chainId: 'pacific-1',
  replayer: {
    peers: [{ static: { addresses: [peer] } }],
    snapshot,
    resultExport: { bucket: 'results', prefix: 'some/folder/', region, schedule: '@hourly' },
  },
})

/** @param profile v0.0.N */
export async function tryRelease(profile: string): Promise<Trial> {
  return {
    ...(await tryOwnChain(profile)),
    ...(await tryWellKnownChain(profile)),
    retry: await tryRetry(profile),
    upload: await tryUpload(profile),
    export: await tryExport(profile),
    ...(await tryIDs(profile)),
    atOnce: await tryTwoAtOnce(profile),
    failedAgain: await tryFailedAgain(profile),
  }
}

async function tryOwnChain(
  profile: string,
): Promise<Pick<Trial, 'bootstrap' | 'snapshot' | 'genesis' | 'ignoredPlaces'>> {
  const objects = new WatchedObjects()
  await using sidecar = await Sidecar.start({ profile, node: OWN_CHAIN, world: { objects } })
  const plan = await sidecar.bootstrap()
  const folder = objects.folderReadIn('snapshots')
  const file = objects.fileReadIn('files')
  const isAsNamed = folder === `${SNAPSHOT_URI}/` && file === GENESIS_URI
  const isTold = plan.tasks.some(task => readsLocation(task.type) && task.note !== undefined)
  return {
    bootstrap: outcomeOf(plan),
    snapshot: `\`${folder}\``,
    genesis: `\`${file}\``,
    ignoredPlaces: isAsNamed ? 'none' : isTold ? 'told in `SpecValid`' : 'not told',
  }
}

async function tryWellKnownChain(profile: string): Promise<Pick<Trial, 'builtInGenesis' | 'ec2Tags'>> {
  const objects = new WatchedObjects()
  await using sidecar = await Sidecar.start({ profile, node: WELL_KNOWN_CHAIN, world: { objects } })
  const plan = await sidecar.bootstrap()
  const lookUp = plan.tasks.find(({ type }) => type === 'discover-peers')
  const looker = lookUp?.note === undefined ? 'sidecar' : 'operator'
  const file = objects.fileReadIn('files')
  return {
    builtInGenesis: file === undefined ? 'the built-in file' : `\`${file}\``,
    ec2Tags: plan.phase === 'Complete' ? looker : `fails: ${lookUp?.error}`,
  }
}

const failFirstApply: TaskBehaviour = (type, _params, attempt) =>
  type === 'config-apply' && attempt === 1 ? { fail: 'no space left on device' } : undefined

async function tryRetry(profile: string): Promise<string> {
  await using sidecar = await Sidecar.start({ profile, node: OWN_CHAIN, tasks: failFirstApply })
  const failed = await sidecar.bootstrap()
  if (failed.phase !== 'Failed') throw new Error(`${profile}: expected a plan that failed, found ${failed.phase}`)
  return outcomeOf(await sidecar.bootstrap(retryPlan(failed, '1')))
}

async function tryUpload(profile: string): Promise<string> {
  const home = new MemoryHome()
  for (const height of [2000, 4000]) home.write(`data/snapshots/${height}/1/0`, 'chunk')
  // A directory, as seid has it.
  home.write('data/snapshots/metadata.db/CURRENT', 'MANIFEST')
  const objects = new WatchedObjects()
  await using sidecar = await Sidecar.start({ profile, node: UPLOADER, home, world: { objects } })
  return effectOf(await sidecar.runRecurring(), objects.folderWrittenIn('uploads'))
}

async function tryExport(profile: string): Promise<string> {
  const objects = new WatchedObjects()
  const rpc = { ...helpfulWorld().rpc, latestHeight: () => 5000 }
  await using sidecar = await Sidecar.start({ profile, node: REPLAYER, world: { objects, rpc } })
  return effectOf(await sidecar.runRecurring(), objects.folderWrittenIn('results'))
}

function effectOf({ status, error }: TaskEnd, folder: string | undefined): string {
  // What the error begins with names the file.
  if (status === 'failed') return `fails: ${error?.split(': ').at(-1)}`
  const effect = folder === undefined ? 'nothing arrives' : `to \`${folder}\``
  return status === 'running' ? `never ends; ${effect}` : effect
}

async function tryIDs(profile: string): Promise<Pick<Trial, 'ids' | 'memory'>> {
  const home = new MemoryHome()
  await using first = await Sidecar.start({ profile, node: OWN_CHAIN, home })
  const { id } = await first.run(TASK_ID, 'mark-ready')
  await first[Symbol.asyncDispose]()
  await using second = await Sidecar.start({ profile, node: OWN_CHAIN, home })
  return {
    ids: id === TASK_ID ? "the operator's" : "the sidecar's own",
    memory: (await second.client.task(id)) ? 'known' : 'forgotten',
  }
}

async function tryTwoAtOnce(profile: string): Promise<string> {
  const { promise: block, resolve: release } = Promise.withResolvers<void>()
  const tasks: TaskBehaviour = () => ({ block })
  await using sidecar = await Sidecar.start({ profile, node: OWN_CHAIN, tasks })
  await sidecar.client.submit({ id: TASK_ID, type: 'config-validate' })
  try {
    await sidecar.client.submit({ id: OTHER_TASK_ID, type: 'config-validate' })
    return 'any number'
  } catch (error) {
    if (!(error instanceof SidecarError) || error.kind !== 'busy') throw error
    return 'one; 409 meanwhile'
  } finally {
    release()
  }
}

async function tryFailedAgain(profile: string): Promise<string> {
  await using sidecar = await Sidecar.start({ profile, node: OWN_CHAIN, tasks: failFirstApply })
  const params = { mode: 'full', incremental: false, targetVersion: 0 }
  const first = await sidecar.run(TASK_ID, 'config-apply', params)
  const second = await sidecar.run(TASK_ID, 'config-apply', params)
  if (second.id !== first.id) return 'is a new task'
  return second.status === 'failed' ? 'stays failed' : 'runs again'
}

function outcomeOf(plan: TaskPlan): string {
  return plan.phase === 'Complete' ? 'works' : `fails: ${failedTask(plan)?.error}`
}

function nodeOf(spec: Omit<SeiNodeSpec, 'image'>): SeiNode {
  const metadata = { name: 'trial', namespace: 'default', uid: 'trial' }
  return { metadata, spec: { image: 'sei-protocol/seid:v6.4.0', ...spec } }
}
