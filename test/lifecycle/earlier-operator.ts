/** Nodes as the first-generation operator left them: `EarlierOperator`. */
import { randomUUID } from 'node:crypto'
import type { PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import { seidInit } from '../../testing/fakes/sidecar/index.ts'
import type { FakeNodeOptions } from '../../testing/fakes/node/index.ts'
import { NODE_FINALIZER } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { TaskPlan } from '../../src/api/seinode-status.ts'
import { persistentVolumeClaims, services, statefulSets } from '../../src/kube/resources.ts'
import {
  EARLIER_MANAGER,
  EARLIER_SIDECAR,
  earlierMetadata,
  type EarlierMetadata,
  earlierService,
  earlierStatefulSet,
} from '../support/earlier-objects.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import type { NodesFixture } from './nodes-fixture.ts'
import type { LivingNode, SpecInput } from './living-node.ts'

/** Of claims, which it created without naming a manager. */
const CREATOR = 'manager'
/** Its pods named no chain, so that a genesis built into the sidecar was out of reach. */
const PARAMS: Readonly<Record<string, object>> = {
  'configure-genesis': { uri: 's3://genesis/arctic-1/genesis.json', region: 'us-east-2' },
  'config-apply': { mode: 'full', incremental: false, targetVersion: 0 },
}

/** Plays its seid-init, which had neither arguments nor environment of today's. */
export const runEarlierInit: NonNullable<FakeNodeOptions['runToCompletion']> = ({ command, env, volumes }) => {
  const home = volumes.get('/sei')
  if (!home || env['SEI_HOME'] !== undefined || !command.join(' ').includes('seid init')) return undefined
  seidInit(home, { chainId: GENESIS_SPEC.chainId, moniker: GENESIS_SPEC.chainId, overwrite: true })
  return { exitCode: 0 }
}

export interface Left {
  readonly spec?: SpecInput
  /** Tasks of the plan that are complete, of those that the sidecar is to run. */
  readonly tasks: readonly string[]
  /** The rest of the stored plan. */
  readonly rest?: TaskPlan['tasks']
  readonly phase: TaskPlan['phase']
}

export class EarlierOperator {
  readonly #fixture: NodesFixture

  constructor(fixture: NodesFixture) {
    this.#fixture = fixture
  }

  /** Leaves a node as that operator had it; everything of it counts as there before. */
  async leaves(name: string, { spec = GENESIS_SPEC, tasks, rest = [], phase }: Left): Promise<LivingNode> {
    const fixture = this.#fixture
    const { client, namespace } = fixture.base
    // Its seid waited for mark-ready in a shell, and the pod was not Ready until then.
    const isMarked = tasks.includes('mark-ready')
    fixture.base.node.setSeidReady(fixture.base.podKey(name), isMarked)
    await fixture.create(name, { ...spec, sidecar: { image: EARLIER_SIDECAR } }, { finalizers: [NODE_FINALIZER] })
    const node = await until(`SeiNode ${name} to be seen`, () => fixture.view.nodes.get(fixture.view.key(name)))
    const metadata = earlierMetadata(node)
    await client.create(persistentVolumeClaims, claim(metadata), { fieldManager: CREATOR })
    await client.apply(services, earlierService(metadata), { fieldManager: EARLIER_MANAGER, force: true })
    await client.apply(statefulSets, earlierStatefulSet(metadata), { fieldManager: EARLIER_MANAGER, force: true })
    const pod = await until(`pod of ${name} to run`, () =>
      running(fixture.view.pods.get(fixture.view.key(`${name}-0`))),
    )
    const done: TaskPlan['tasks'] = []
    for (const type of tasks) done.push({ type, taskID: await this.#run(pod, type), status: 'Complete' })
    await until(`pod of ${name} to be Ready or not`, () =>
      isReady(fixture.view.pods.get(fixture.view.key(`${name}-0`))) === isMarked ? true : undefined,
    )
    const status = { phase: 'Running', initPlan: { phase, tasks: [...done, ...rest] } }
    await client.patch(seiNodes, { namespace, name }, { status }, { type: 'merge', subresource: 'status' })
    await until(`all of ${name} to be seen`, () => {
      const { view } = fixture
      const key = view.key(name)
      const isSeen = view.claims.get(view.key(`data-${name}`)) && view.services.get(key) && view.statefulSets.get(key)
      return isSeen && view.nodes.get(key)?.status?.initPlan
    })
    return fixture.follow(name)
  }

  async #run(pod: Pod, type: string): Promise<string> {
    const id = randomUUID()
    const base = `http://${pod.status?.podIP}:7777/v0/tasks`
    await fetch(base, { method: 'POST', body: JSON.stringify({ id, type, params: PARAMS[type] }) })
    await until(`${type} of pod ${pod.metadata?.name} to be complete`, async () => {
      const answer = await fetch(`${base}/${id}`)
      return (await answer.text()).includes('"completed"') ? true : undefined
    })
    return id
  }
}

function claim({ name, ...metadata }: EarlierMetadata): PersistentVolumeClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...metadata, name: `data-${name}` },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1000Gi' } },
      storageClassName: 'gp3-10k-750',
    },
  }
}

/** The pod, once its sidecar runs. */
function running(pod: Readonly<Pod> | undefined): Readonly<Pod> | undefined {
  const sidecar = pod?.status?.initContainerStatuses?.find(({ name }) => name === 'sei-sidecar')
  return sidecar?.state?.running ? pod : undefined
}

function isReady(pod: Readonly<Pod> | undefined): boolean | undefined {
  return pod?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
}
