/** SeiNodes of no pool that join the pool's chain by the genesis file in S3 and static peers: `joinChain`. */
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode, SeiNodeSpec } from '../../src/api/seinode.ts'
import { services } from '../../src/kube/resources.ts'
import { until } from '../support/until.ts'
import { images } from './cluster.ts'
import { NAMESPACE, POOL, type PoolFixture } from './pool-fixture.ts'
import { runToolPod } from './tool-pods.ts'

const DEADLINE_MS = 3 * 60_000

/** An S3 with the genesis file that the pool's ceremony made. */
export async function serveGenesis({ cluster }: PoolFixture): Promise<void> {
  await runToolPod(cluster, {
    namespace: NAMESPACE,
    name: 's3',
    labels: { app: 's3' },
    program: ['s3', '9000', 'genesis/devnet/genesis.json=/genesis/genesis/genesis.json'],
    claims: { '/genesis': `${POOL}-genesis-data` },
  })
  await cluster.client.create(services, {
    metadata: { namespace: NAMESPACE, name: 's3' },
    spec: { clusterIP: 'None', selector: { app: 's3' } },
  })
}

/** Makes the SeiNode. The pool's label opens the chain's ports to it. */
export async function joinChain(
  fixture: PoolFixture,
  name: string,
  more: Partial<SeiNodeSpec>,
  labels: Readonly<Record<string, string>> = { 'sei.io/nodepool': POOL },
): Promise<void> {
  const pool = await fixture.get()
  const addresses = (pool?.status?.nodes ?? []).map(node => `${node.nodeId}@${fixture.host(node.name)}:26656`)
  await fixture.cluster.client.create(seiNodes, {
    apiVersion: 'sei.io/v1alpha1',
    kind: 'SeiNode',
    metadata: { namespace: NAMESPACE, name, labels: { ...labels } },
    spec: {
      chainId: pool?.spec.chainId ?? '',
      image: images.seid,
      genesis: { s3: { uri: 's3://genesis/devnet/genesis.json', region: 'us-east-2' } },
      peers: [{ static: { addresses } }],
      ...more,
    },
  })
}

export function untilNodeReady(fixture: PoolFixture, name: string): Promise<SeiNode> {
  return untilNode(fixture, name, 'Running and Ready, with no change under way', ({ status }) => {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')
    return status?.phase === 'Running' && status.rollout === undefined && ready?.status === 'True'
  })
}

/** The SeiNode once it meets the condition; its status is in the error where it does not. */
export async function untilNode(
  { cluster }: PoolFixture,
  name: string,
  what: string,
  holds: (node: SeiNode) => boolean,
): Promise<SeiNode> {
  let found: SeiNode | undefined
  return until(
    `SeiNode ${name} to be ${what}`,
    async () => {
      found = await cluster.client.get(seiNodes, { namespace: NAMESPACE, name })
      return found && holds(found) ? found : undefined
    },
    { deadlineMs: DEADLINE_MS, intervalMs: 500, found: () => found?.status },
  )
}

/** Whether Reconciling has that reason. */
export function isBlocked({ status }: SeiNode, reason: string): boolean {
  return status?.conditions?.some(condition => condition.type === 'Reconciling' && condition.reason === reason) === true
}

/** The message of Reconciling. */
export function messageOf({ status }: SeiNode): string {
  return status?.conditions?.find(({ type }) => type === 'Reconciling')?.message ?? ''
}
