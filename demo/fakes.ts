/** What the demo has fakes of: machines and sidecars, `startMachines`; and S3, EC2 and peers, which real sidecars use, `startFakeServices`. */
import { cp, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ControlPlane } from '../testing/controlplane/cluster.ts'
import type { SupervisedProcess, Supervisor } from '../testing/controlplane/supervisor.ts'
import { ChainNodes } from '../testing/fakes/chain-nodes.ts'
import { FakeEc2 } from '../testing/fakes/ec2.ts'
import { tarGz } from '../testing/fakes/s3/archive.ts'
import { startFakeS3 } from '../testing/fakes/s3/fake-s3.ts'
import { launchFakeNode } from '../testing/launch.ts'

/** seictl release that fake sidecars follow if their image has no version tag: the newest that looks up EC2 peers the documented way. */
export const SIDECAR_RELEASE = 'v0.0.25'

/** Not the usual one, whose Nodes the API server cannot reach: heights need port-forwards. */
export const NODE_POOL = 'demo'

/** How long the sidecars' tasks take, milliseconds: long enough to be seen. */
const TASK_MS = {
  'snapshot-restore': 3000,
  'configure-genesis': 1000,
  'config-apply': 500,
  'discover-peers': 1500,
  'configure-state-sync': 1000,
  'config-validate': 500,
  'mark-ready': 500,
} as const

export interface MachineOptions {
  readonly controlPlane: ControlPlane
  readonly supervisor: Supervisor
  readonly env: NodeJS.ProcessEnv | undefined
  /** A real seictl, which runs in every pod in the place of the fake one. */
  readonly seictl: string | undefined
}

/** Resolves when the cluster has Nodes and StorageClasses, and pods are run. */
export function startMachines({ seictl, ...options }: MachineOptions): Promise<SupervisedProcess> {
  const tasks = Object.entries(TASK_MS).map(([type, ms]) => `--task=${type}=${ms}`)
  const sidecars = seictl === undefined ? [] : [`--seictl=${seictl}`]
  const args = [`--profile=${SIDECAR_RELEASE}`, '--run-scripts', `--node-pool=${NODE_POOL}`, ...sidecars, ...tasks]
  return launchFakeNode({ ...options, args })
}

const HEIGHT = '100000'
const GENESIS = ['testnet-7', 'pacific-1', 'atlantic-2', 'arctic-1']

export interface FakeServices {
  /** Makes programs with the AWS SDK, the operator and the sidecars, use the fakes. */
  readonly env: Readonly<Record<string, string>>
  /** A copy of a directory of manifests, with fake peers in the place of those of `.example`. */
  readonly withPeers: (manifests: string, scratch: string) => Promise<string>
}

/** Adds each to `cleanup`. */
export async function startFakeServices(cleanup: AsyncDisposableStack): Promise<FakeServices> {
  const chain = cleanup.use(await ChainNodes.open())
  const peers = [await chain.start(), await chain.start()]
  const ec2 = cleanup.use(await FakeEc2.start())
  for (const [i, { address }] of peers.entries()) {
    const tags = { Network: 'pacific-1', ChainIdentifier: 'pacific-1', Component: 'state-syncer' }
    for (const region of ['us-east-2', 'eu-central-1']) {
      ec2.instances.push({ id: `i-${i}-${region}`, region, tags, privateIp: address })
    }
  }
  const s3 = cleanup.adopt(await startFakeS3(), each => each.close())
  for (const [name, body] of objects()) s3.objects.set(name, body)
  return {
    env: { ...ec2.env, AWS_ENDPOINT_URL_S3: s3.endpoint, AWS_REGION: 'us-east-2' },
    withPeers: async (manifests, scratch) => {
      const copy = await mkdtemp(join(scratch, 'manifests-'))
      await cp(manifests, copy, { recursive: true })
      let next = 0
      for (const file of await readdir(copy)) {
        const text = await readFile(join(copy, file), 'utf8')
        const reachable = text.replaceAll(/@[a-z0-9.-]+\.example:/g, () => `@${peers[next++ % peers.length]?.address}:`)
        await writeFile(join(copy, file), reachable)
      }
      return copy
    },
  }
}

/** In each layout that some release of the sidecar reads: by the manifest, by the chain's id, and below `state-sync/`. */
function* objects(): Generator<[string, string | Buffer]> {
  const archive = tarGz({ [`${HEIGHT}/1/0`]: 'chunk', 'metadata.db/CURRENT': HEIGHT })
  for (const [folder, region] of [
    ['sei-snapshots/pacific-1', 'us-east-2'],
    ['pacific-1-snapshots/state-sync', 'eu-central-1'],
    ['pacific-1-snapshots/pacific-1', 'eu-central-1'],
  ] as const) {
    yield [`${folder}/latest.txt`, HEIGHT]
    yield [`${folder}/snapshot_${HEIGHT}_pacific-1_${region}.tar.gz`, archive]
    yield [`${folder}/${HEIGHT}.tar.gz`, archive]
    yield [`${folder}/state-sync/${HEIGHT}.tar.gz`, archive]
  }
  for (const chain of GENESIS) {
    const genesis = `${JSON.stringify({ chain_id: chain, validators: [], app_state: {} })}\n`
    yield [`sei-genesis/${chain}/genesis.json`, genesis]
    yield [`sei-testnet-genesis-config/${chain}/genesis.json`, genesis]
    yield [`${chain}-genesis/${chain}/genesis.json`, genesis]
    yield [`${chain}-genesis/genesis.json`, genesis]
  }
}
