/** The life of a network of four validators, from the sample manifest to the last claim, with real seid in real pods. */
import assert from 'node:assert/strict'
import { before } from 'node:test'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'

import { seiNodes } from '../../src/api/resources.ts'
import {
  jobs,
  networkPolicies,
  persistentVolumeClaims,
  podDisruptionBudgets,
  pods,
  secrets,
  services,
  statefulSets,
} from '../../src/kube/resources.ts'
import type { KubeObject, Resource } from '../../src/kube/types.ts'
import { containerOf, isPodReady } from '../support/fake-node-fixture.ts'
import { until } from '../support/until.ts'
import { images } from './cluster.ts'
import { isBlocked, joinChain, messageOf, serveGenesis, untilNode, untilNodeReady } from './joining-nodes.ts'
import { assertSidecarClosed } from './lone-node.ts'
import { configureOperator, OPERATOR_NAMESPACE } from './install.ts'
import { longestStop, type Observer } from './observer.ts'
import { BLOCKS_TO_HALT, isReady, NAMESPACE, POOL, type PoolFixture, say } from './pool-fixture.ts'
import { poolSuite } from './pool-suite.ts'
import { watchReadiness } from './pool-watch.ts'
import { connectFrom, runToolPod } from './tool-pods.ts'

/** The longest time without a block while the image is rolled out, milliseconds. */
const LONGEST_STOP_MS = 10_000
const ROLL_MS = 8 * 60_000
const RISE_MS = 90_000
/** Full nodes of the pool's chain that belong to no pool. */
const FOLLOWERS = ['follower-0', 'follower-1', 'follower-2']
/** Validators without stake, with one key. */
const KEYED = ['keyed-0', 'keyed-1']
const KEY_SECRET = 'late-key'
/** Prints the signing key of a home of its own. */
const NEW_KEY =
  'd=/sei/tmp/new-key; seid init new --chain-id new --home $d >/dev/null 2>&1; cat $d/config/priv_validator_key.json; rm -rf $d'

const { step, open } = poolSuite()
let fixture: PoolFixture
let nodes: readonly string[]
let observer: Observer
let validators: readonly string[]
let lastHeight = 0

before(async () => {
  fixture = await open()
  nodes = fixture.nodeNames()
})

step('R2: the sample pool becomes a network: Running, and heights rise on all four nodes', async () => {
  await fixture.create(false)
  const pool = await fixture.untilRunning()
  assert.deepEqual([pool?.status?.readyNodes, pool?.status?.totalNodes], [4, 4])
  observer = await fixture.observe('observer', nodes)
  await observer.untilAllRise(5, RISE_MS)
  validators = await fixture.validators(observer, nodes[0] ?? '')
  assert.equal(validators.length, 4)
})

step('a deleted pod comes back, and its validator signs again', async () => {
  const [node = '', other = ''] = nodes
  const first = await fixture.pod(node)
  const uid = first?.metadata?.uid ?? ''
  await fixture.cluster.client.delete(pods, { namespace: NAMESPACE, name: `${node}-0` }, { uid })
  await fixture.untilPod(node, 'another one, Ready', pod => pod.metadata?.uid !== uid && isPodReady(pod))
  await observer.untilAllRise(3, RISE_MS)
  await fixture.untilSigns(observer, node, other)
})

step('a sidecar that dies is marked ready anew, and its seid never stops', async () => {
  const node = nodes[1] ?? ''
  const first = await fixture.pod(node)
  await fixture.endSidecar(node)
  await fixture.untilPod(
    node,
    'a second sidecar that was marked ready',
    pod => containerOf(pod, 'sei-sidecar')?.restartCount === 1 && isPodReady(pod),
  )
  const now = await fixture.pod(node)
  assert.equal(now?.metadata?.uid, first?.metadata?.uid)
  assert.equal(now && containerOf(now, 'seid')?.restartCount, 0)
})

step(
  'R2: the chain and the sidecars are closed to pods outside the pool, the sidecars open to the operator',
  async () => {
    const { cluster } = fixture
    const outside = { namespace: NAMESPACE, name: 'outside' }
    const beside = { namespace: OPERATOR_NAMESPACE, name: 'beside-the-operator' }
    await Promise.all([runToolPod(cluster, outside), runToolPod(cluster, beside)])
    const address = fixture.host(nodes[2] ?? '')
    const ports = [26656, 26657, 26660, 7777]
    const refused = await connectFrom(
      cluster,
      outside,
      ports.map(port => `${address}:${port}`),
    )
    for (const [target, result] of Object.entries(refused)) assert.notEqual(result, 'connected', target)
    const seen = await connectFrom(cluster, beside, [`${address}:7777`, `${address}:26656`, `${address}:26660`])
    assert.equal(seen[`${address}:7777`], 'connected')
    assert.notEqual(seen[`${address}:26656`], 'connected')
    assert.notEqual(seen[`${address}:26660`], 'connected')
    await cluster.kubectl(['delete', 'pod', `--namespace=${OPERATOR_NAMESPACE}`, beside.name, '--wait=false'])
  },
)

step('R3: the sidecar of a node of no pool is open to the operator alone, its RPC to everybody', async () => {
  await serveGenesis(fixture)
  await assertSidecarClosed(fixture)
})

step('full nodes join by the genesis file in S3 and static peers, and follow the chain', async () => {
  for (const name of FOLLOWERS) await joinChain(fixture, name, { mode: 'full' })
  for (const name of FOLLOWERS) await untilNodeReady(fixture, name)
  const all = await fixture.observe('observer-of-all', [...nodes, ...FOLLOWERS])
  await all.untilAllRise(5, RISE_MS)
})

step(
  'failure mode 29: another image reaches one validator after the other: never two down, the chain stops for 10 s at most',
  async () => {
    await oneAfterTheOther(() => fixture.patch({ spec: { nodeConfiguration: { image: images.nextSeid } } }))
    for (const node of nodes) assert.equal((await fixture.pod(node))?.spec?.containers[0]?.image, images.nextSeid)
  },
)

step(
  'failure mode 32: so does what an operator with other settings makes of the validators, and of the nodes of no pool',
  async () => {
    const { client } = fixture.cluster
    const uids = await Promise.all(FOLLOWERS.map(async name => (await fixture.pod(name))?.metadata?.uid))
    const readiness = await watchReadiness(
      client,
      FOLLOWERS.map(name => `${name}-0`),
    )
    await oneAfterTheOther(() => configureOperator(fixture.cluster, { SEI_AWS_REGION: 'eu-west-1' }))
    for (const [index, name] of FOLLOWERS.entries()) {
      await fixture.untilPod(name, 'another one, Ready', pod => pod.metadata?.uid !== uids[index] && isPodReady(pod))
      await untilNodeReady(fixture, name)
    }
    await readiness.stop()
    assert.ok(readiness.fewestReady >= 2, `${readiness.fewestReady} of 3 pods of no pool were Ready at one moment`)
  },
)

step('an upgrade of a pool that halted, image and override in one edit, starts each seid once', async () => {
  const height = (await observer.height()) + BLOCKS_TO_HALT
  say(`the chain halts at ${height}`)
  const overrides = { 'chain.halt_height': String(height) }
  await fixture.patch({ spec: { nodeConfiguration: { overrides } } })
  await fixture.until('rolled out and Ready', isReady, ROLL_MS)
  for (const node of nodes) {
    await fixture.untilPod(node, 'seid to have halted', pod => (containerOf(pod, 'seid')?.restartCount ?? 0) > 0)
  }
  const uids = await Promise.all(nodes.map(async node => (await fixture.pod(node))?.metadata?.uid))
  await fixture.patch({ spec: { nodeConfiguration: { image: images.seid, overrides: { 'chain.halt_height': '0' } } } })
  await fixture.until('upgraded and Ready', isReady, ROLL_MS)
  await observer.untilAllRise(5, RISE_MS)
  for (const [index, node] of nodes.entries()) {
    const pod = await fixture.pod(node)
    assert.notEqual(pod?.metadata?.uid, uids[index])
    assert.equal(pod?.spec?.containers[0]?.image, images.seid)
    assert.equal(pod && containerOf(pod, 'seid')?.restartCount, 0, `${node}: seid was started once`)
    const app = await fixture.cluster.exec(NAMESPACE, `${node}-0`, 'seid', ['cat', '/sei/config/app.toml'])
    assert.match(app, /^halt-height = "?0"?$/m)
  }
})

step('failure mode 15: a key from a Secret signs in one node: the second waits until the first is gone', async () => {
  const { cluster } = fixture
  const [first = '', second = ''] = KEYED
  const key = await cluster.exec(NAMESPACE, `${nodes[0]}-0`, 'seid', ['/bin/sh', '-c', NEW_KEY])
  await cluster.client.create(secrets, {
    metadata: { namespace: NAMESPACE, name: KEY_SECRET },
    stringData: { 'priv_validator_key.json': key },
  })
  const spec = { mode: 'validator', validator: { signingKey: { secretName: KEY_SECRET } } } as const

  await joinChain(fixture, first, spec)
  await untilNode(fixture, first, 'blocked, no signing state', node => isBlocked(node, 'SigningStateMissing'))
  const { metadata } = (await cluster.client.get(persistentVolumeClaims, dataVolume(first))) ?? {}
  await cluster.kubectl([
    'annotate',
    'seinode',
    first,
    `--namespace=${NAMESPACE}`,
    `sei.io/accept-volume=unsigned:${metadata?.uid}`,
  ])
  await untilNodeReady(fixture, first)

  await joinChain(fixture, second, spec)
  const blocked = await untilNode(fixture, second, 'blocked, key in use', node => isBlocked(node, 'KeyInUse'))
  assert.match(messageOf(blocked), new RegExp(`reserved for SeiNode ${NAMESPACE}/${first}`))
  const pod = await fixture.pod(second)
  assert.equal(pod && containerOf(pod, 'seid')?.started, false)

  await cluster.kubectl(['delete', 'seinode', first, `--namespace=${NAMESPACE}`, '--timeout=180s'])
  const heir = await untilNode(
    fixture,
    second,
    'the holder of the key',
    ({ status }) => status?.validator?.reservation !== undefined,
  )
  assert.equal(heir.status?.validator?.consensusAddress, blocked.status?.validator?.consensusAddress)
  await cluster.kubectl(['delete', 'seinode', second, `--namespace=${NAMESPACE}`, '--timeout=180s'])
  await cluster.kubectl(['delete', 'secret', KEY_SECRET, `--namespace=${NAMESPACE}`])
})

function dataVolume(node: string): { readonly namespace: string; readonly name: string } {
  return { namespace: NAMESPACE, name: `data-${node}` }
}

/** Asserts that a change replaces every validator's pod, one at a time, while the chain makes blocks. */
async function oneAfterTheOther(change: () => Promise<unknown>): Promise<void> {
  const started = Date.now()
  const uids = await Promise.all(nodes.map(async node => (await fixture.pod(node))?.metadata?.uid))
  const readiness = await watchReadiness(
    fixture.cluster.client,
    nodes.map(node => `${node}-0`),
  )
  await change()
  for (const [index, node] of nodes.entries()) {
    const isAnother = (pod: Pod): boolean => pod.metadata?.uid !== uids[index] && isPodReady(pod)
    await fixture.untilPod(node, 'another one, Ready', isAnother)
  }
  await fixture.until('rolled out and Ready', isReady, ROLL_MS)
  await readiness.stop()
  await observer.untilAllRise(3, RISE_MS)
  assert.ok(readiness.fewestReady >= 3, `${readiness.fewestReady} of 4 pods were Ready at one moment`)
  const seen = await observer.since(started)
  const stop = longestStop(seen)
  say(`the chain stood still for ${(stop / 1000).toFixed(1)} s at most`)
  assert.ok(stop <= LONGEST_STOP_MS, `the chain stood still for ${stop} ms`)
  const most = mostDown(seen.map(({ heights }) => nodes.filter(node => heights[node] === undefined).length))
  assert.ok(most <= 1, `${most} validators did not answer at the same time`)
}

step(
  'R2: a pool that halted, deleted with its volumes retained and made again, goes on with the same validators',
  async () => {
    // The API server refuses seid's own height to halt at, which a step before set, beside haltHeight.
    await fixture.patch({
      spec: { nodeConfiguration: { overrides: null }, storage: { retainOnDelete: true } },
    })
    await fixture.until('Ready with the change', isReady, ROLL_MS)
    await removeFollowers()
    lastHeight = await fixture.halt(observer)
    await fixture.remove()
    const claims = await namesOf(persistentVolumeClaims)
    assert.deepEqual(
      claims.filter(name => name.includes(POOL)),
      [...nodes.map(node => `data-${node}`), `${POOL}-genesis-data`].toSorted(),
    )
    assert.deepEqual(
      (await namesOf(pods)).filter(name => name.startsWith(POOL)),
      [],
    )

    await fixture.create(true)
    await fixture.untilRunning()
    await observer.untilAllRise(5, RISE_MS)
    const height = await observer.height()
    assert.ok(height > lastHeight, `the chain was at ${lastHeight} and is at ${height}`)
    assert.deepEqual(await fixture.validators(observer, nodes[0] ?? ''), validators)
  },
)

step('R2: a pool deleted with its volumes leaves nothing behind', async () => {
  await fixture.patch({ spec: { storage: { retainOnDelete: false } } })
  await fixture.until('Ready with the change', isReady)
  await fixture.remove()
  const kinds: readonly Resource[] = [
    persistentVolumeClaims,
    jobs,
    pods,
    statefulSets,
    networkPolicies,
    podDisruptionBudgets,
    services,
    seiNodes,
  ]
  await until(
    'everything of the pool to be gone',
    async () => {
      const left = await Promise.all(kinds.map(namesOf))
      return left.flat().some(name => name.includes(POOL)) ? undefined : true
    },
    { deadlineMs: 60_000, intervalMs: 500, found: () => Promise.all(kinds.map(namesOf)) },
  )
})

/** What mounts the genesis volume would keep it from going. */
async function removeFollowers(): Promise<void> {
  await fixture.cluster.kubectl(['delete', 'seinode', ...FOLLOWERS, `--namespace=${NAMESPACE}`, '--timeout=180s'])
  await fixture.cluster.kubectl([
    'delete',
    'pod',
    's3',
    'observer-of-all',
    'outside',
    `--namespace=${NAMESPACE}`,
    '--timeout=60s',
  ])
  await fixture.cluster.kubectl(['delete', 'service', 's3', `--namespace=${NAMESPACE}`])
}

async function namesOf(resource: Resource): Promise<readonly string[]> {
  const { items }: { items: readonly KubeObject[] } = await fixture.cluster.client.list(resource, {
    namespace: NAMESPACE,
  })
  return items.map(({ metadata }) => metadata?.name ?? '').toSorted()
}

/** One lost answer says little on a busy machine: two in a row count. */
function mostDown(missing: readonly number[]): number {
  return Math.max(0, ...missing.map((count, index) => Math.min(count, missing[index + 1] ?? count)))
}
