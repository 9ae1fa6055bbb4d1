/** Which upgrade a node is taken to have reached, from what its pod, its status and the observer say. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerStatus, PersistentVolumeClaim, Pod } from 'kubernetes-types/core/v1.d.ts'
import { HEIGHT_CONTAINER } from '../../../api/names.ts'
import type { SeiNodeStatus } from '../../../api/seinode-status.ts'
import { type UpgradeRecord, upgradeAnnotation, upgradeRecord } from '../../../build/upgrade-record.ts'
import { seiNode } from '../../../build/testdata/nodes.ts'
import type { ChainHealth } from '../../../chain/health.ts'
import { unanswered } from '../../../chain/track.ts'
import type { KubeClient } from '../../../kube/client.ts'
import { ApiError } from '../../../kube/errors.ts'
import { refusingClient } from '../../../kube/testdata/refusing-client.ts'
import type { KubeObject } from '../../../kube/types.ts'
import { noChain } from '../../shared/chain/testdata/no-chain.ts'
import type { ChainOutlook } from '../../shared/chain/upgrade-plans.ts'
import { NodeLocalStates } from '../local-state.ts'
import { dependenciesOf } from '../testdata/dependencies.ts'
import { ERAS, MemorySidecar } from '../testdata/memory-sidecar.ts'
import { NOW, podOf, statefulSetOf } from '../testdata/objects.ts'
import { type FollowedUpgrades, followUpgrades } from './follow-upgrades.ts'

const OLD = 'sei:v4'
const NEXT = 'sei:v5'
const UPGRADES = [{ height: 1000, image: NEXT }]
const PANIC = { exitCode: 2, reason: 'Error', containerID: 'c1' }
const NEEDED = { ...PANIC, message: 'panic: UPGRADE "v5" NEEDED at height: 1000: ' }
const MISSING = { ...PANIC, message: 'panic: Wrong app version 0, upgrade handler is missing for v5 upgrade plan' }
const WAITING = { waiting: { reason: 'CrashLoopBackOff' } }
const LOG_REFUSED = new ApiError({ operation: 'get', object: 'pods/log' }, 403, { reason: 'Forbidden', message: '' })

interface Scene {
  readonly seid: Partial<ContainerStatus>
  readonly health?: ChainHealth
  /** This start of seid has answered, and had no new block. */
  readonly isStanding?: boolean
  readonly outlook?: Partial<ChainOutlook>
  readonly status?: SeiNodeStatus
  /** Of the pod: the one in effect. */
  readonly image?: string
  readonly record?: UpgradeRecord
  /** What the pod reported of its volume as it started. */
  readonly volume?: { readonly height: number; readonly readAt: string }
}

function withReport(pod: Pod, { height, readAt }: NonNullable<Scene['volume']>): Pod {
  const terminated = { exitCode: 0, message: `height ${height}\n`, finishedAt: readAt }
  const report = { name: HEIGHT_CONTAINER, image: '', imageID: '', ready: true, restartCount: 0, state: { terminated } }
  return { ...pod, status: { ...pod.status, initContainerStatuses: [report] } }
}

/** The log cannot be read, and what is written comes back. */
const client: KubeClient = {
  ...refusingClient,
  log: () => Promise.reject(LOG_REFUSED),
  patch: (_, { namespace, name }, body) => {
    const { metadata }: KubeObject = JSON.parse(JSON.stringify(body))
    return Promise.resolve(JSON.parse(JSON.stringify({ metadata: { ...metadata, namespace, name } })))
  },
}

function follow({
  seid,
  health,
  outlook = {},
  status,
  image = OLD,
  record,
  volume,
  isStanding = false,
}: Scene): Promise<FollowedUpgrades> {
  const [era] = ERAS
  assert.ok(era)
  const known = { ...noChain.outlook(seiNode('a')), ...outlook }
  const moment = { at: 0, wall: NOW }
  const begun = unanswered(undefined, 'c2', '', moment)
  const track = { ...begun, movingSince: isStanding ? undefined : 0 }
  const chain = { ...noChain, health: () => health, track: () => track, outlook: () => known }
  const made = podOf({ seid: { restartCount: 5, ...seid } })
  const pod = volume ? withReport(made, volume) : made
  const template = { spec: { containers: [{ name: 'seid', image }] } }
  const set = statefulSetOf()
  const statefulSet = { ...set, spec: { serviceName: 'a', selector: {}, template } }
  const node = seiNode('a', { image: OLD, upgrades: record ? [{ height: 1000, image }] : UPGRADES })
  const annotations = record && { 'sei.io/upgrade': upgradeAnnotation(record) }
  const claim: PersistentVolumeClaim = {
    metadata: { name: 'data-a', namespace: 'sei', ...(annotations && { annotations }) },
  }
  return followUpgrades(
    { node: status ? { ...node, status } : node, statefulSet, pod, claim },
    new NodeLocalStates().of('sei/a', 'uid-of-a'),
    { ...dependenciesOf(new MemorySidecar(era)), chain, client },
    new AbortController().signal,
  )
}

const following = { kind: 'Following', height: 900 } as const
const voted = { lastHeight: 950, voted: { name: 'v5', height: 1000 } }
const at = (ago: number): string => new Date(NOW - ago).toISOString()
const bootstrapped = {
  phase: 'Complete' as const,
  tasks: [{ type: 'mark-ready', status: 'Complete' as const, completedAt: at(60_000) }],
}
const seenAt = (since: string, height = 1100): SeiNodeStatus => ({
  initPlan: bootstrapped,
  chain: { state: 'Unknown', since, height, containerID: 'c0' },
})
const lacking = { state: WAITING, lastState: { terminated: MISSING } }

const rows: readonly (readonly [title: string, scene: Scene, outcome: string])[] = [
  ['stopped for it', { seid: { state: WAITING, lastState: { terminated: NEEDED } } }, NEXT],
  [
    'follows its chain, whatever it said before',
    { seid: { lastState: { terminated: NEEDED } }, health: following },
    OLD,
  ],
  [
    'answers before it stops for it once more, and has made no block',
    {
      seid: { lastState: { terminated: NEEDED } },
      health: { kind: 'CatchingUp', height: 999 },
      isStanding: true,
    },
    NEXT,
  ],
  [
    'stopped near the height without a word',
    { seid: { state: WAITING, lastState: { terminated: PANIC } }, outlook: voted },
    NEXT,
  ],
  ['runs near the height, and panicked once', { seid: { lastState: { terminated: PANIC } }, outlook: voted }, OLD],
  [
    'lacks an upgrade, and was seen beyond the next one',
    { seid: lacking, outlook: { head: 'awaited' }, status: seenAt(at(1000)) },
    NEXT,
  ],
  [
    'lacks an upgrade, and was seen beyond the next one with another state',
    { seid: lacking, outlook: { head: 'awaited' }, status: seenAt(at(90_000)) },
    'awaiting',
  ],
  [
    'lacks an upgrade, and had a lower height in its status, which may be of long ago',
    { seid: lacking, status: seenAt(at(1000), 50) },
    NEXT,
  ],
  [
    'lacks an upgrade, and reported that it is below the next one',
    { seid: lacking, outlook: { lastHeight: 50 } },
    'misplaced',
  ],
  [
    'lacks an upgrade, on a volume that was below the next one when the pod was made',
    { seid: lacking, status: { initPlan: bootstrapped }, volume: { height: 50, readAt: at(30_000) } },
    'misplaced',
  ],
  [
    'lacks an upgrade, on a volume that was bootstrapped since the pod was made',
    { seid: lacking, status: { initPlan: bootstrapped }, volume: { height: 0, readAt: at(90_000) } },
    NEXT,
  ],
  [
    'stopped without a word near the height at which it was with another state',
    {
      seid: { state: WAITING, lastState: { terminated: PANIC } },
      outlook: { ...voted, lastHeight: undefined },
      status: seenAt(at(90_000), 950),
    },
    OLD,
  ],
  [
    'stopped without a word near the height, as its status says',
    {
      seid: { state: WAITING, lastState: { terminated: PANIC } },
      outlook: { ...voted, lastHeight: undefined },
      status: seenAt(at(1000), 950),
    },
    NEXT,
  ],
]
for (const [title, scene, outcome] of rows) {
  test(`a node whose seid ${title}: ${outcome}`, async () => {
    const { upgrades, claim } = await follow(scene)
    assert.equal(upgrades.isAwaiting ? 'awaiting' : (upgrades.need?.kind ?? upgrades.effective.image), outcome)
    assert.equal(upgradeRecord(claim)?.image, outcome === NEXT ? NEXT : undefined)
  })
}

test('the record gets another image when that makes blocks', async () => {
  const record = { height: 1000, image: NEXT, earlier: [OLD] }
  const scene = { seid: {}, image: 'sei:v5.1', record }
  for (const [health, isStanding, image] of [
    [undefined, true, NEXT],
    [following, true, NEXT],
    [following, false, 'sei:v5.1'],
  ] as const) {
    const { upgrades } = await follow({ ...scene, isStanding, ...(health && { health }) })
    assert.deepEqual([upgrades.effective.image, upgrades.record?.image], ['sei:v5.1', image])
  }
})
