/** Some minutes in the life of a fleet, with a node for each trouble that the dashboard shows: `playScene`. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SeiNodeSpec } from '../../src/api/seinode.ts'
import type { SidecarChoice, SidecarRequest } from '../../testing/fakes/node/options.ts'
import { SCRAPED_ARGS } from '../../test/monitoring/scraped-operator.ts'
import { PoolFixture } from '../../test/pool/pool-fixture.ts'
import { GENESIS_SPEC } from '../../test/support/operator-fixture.ts'

/** Above ten, so that the rollout that comes to a halt counts as halted. */
export const SCENE_MINUTES = 14

const GIB = 1024 ** 3
const NEXT_IMAGE = 'sei-protocol/seid:v6.5.0'
const UPLOADS = {
  interval: 100,
  keepRecent: 2,
  schedule: '*/2 * * * *',
  destination: { s3: { bucket: 'uploads', region: 'us-east-2' } },
}
const NODES: Readonly<Record<string, SeiNodeSpec>> = {
  archive: { ...GENESIS_SPEC, mode: 'archive', snapshotGeneration: UPLOADS },
  'rpc-0': { ...GENESIS_SPEC, snapshotGeneration: UPLOADS },
  'rpc-1': { ...GENESIS_SPEC, healthPolicy: { restartStuckAfter: '5m' } },
  'rpc-2': GENESIS_SPEC,
  'rpc-3': GENESIS_SPEC,
}
/** Of 1000 GiB, at the start and for each minute. */
const VOLUMES: Readonly<Record<string, readonly [start: number, perMinute: number]>> = {
  archive: [720, 14],
  'rpc-0': [610, 1],
  'rpc-1': [580, 2],
  'rpc-2': [330, 0],
  'devnet-0': [120, 4],
  'devnet-1': [118, 4],
}

export function openScene(): Promise<PoolFixture> {
  return PoolFixture.open({
    operator: {
      args: [...SCRAPED_ARGS, '--chain-interval=15', '--volume-interval=10', '--kubelet-insecure-tls'],
    },
    node: { namespace: 'sei', servesStats: true, terminationMs: 15_000, sidecarFor },
  })
}

/** Bootstraps take a while. The one of rpc-5 does not end, the one of rpc-4 fails, and so do the uploads of rpc-0. */
function sidecarFor({ pod }: SidecarRequest): SidecarChoice {
  return {
    tasks: type => {
      if (pod === 'rpc-5-0' && type === 'configure-genesis') return { block: new Promise(() => {}) }
      if (pod === 'rpc-4-0' && type === 'config-validate') return { durationMs: 5000, fail: 'no such key' }
      if (pod === 'rpc-0-0' && type === 'snapshot-upload') return { durationMs: 3000, fail: 'AccessDenied' }
      return { durationMs: type === 'snapshot-upload' ? 20_000 : 4000 }
    },
  }
}

/** Resolves after SCENE_MINUTES. */
export async function playScene(fixture: PoolFixture): Promise<void> {
  const { base } = fixture
  const started = Date.now()
  const at = (minute: number): Promise<unknown> => sleep(Math.max(0, started + minute * 60_000 - Date.now()))
  const fill = setInterval(() => {
    for (const [name, [start, perMinute]] of Object.entries(VOLUMES)) {
      const usedBytes = (start + (perMinute * (Date.now() - started)) / 60_000) * GIB
      fixture.node.setVolumeUse(base.key(`data-${name}`), { usedBytes, capacityBytes: 1000 * GIB })
    }
  }, 1000)
  try {
    await fixture.create('devnet', 4)
    for (const [name, spec] of Object.entries(NODES)) await base.create(name, spec)
    await at(2)
    await base.patch('rpc-2', { spec: { image: 'sei-protocol/seid:does-not-exist' } })
    base.stall('rpc-1')
    await at(4)
    base.stall('devnet-3')
    await base.create('rpc-4')
    await at(6)
    base.stall('devnet-3', false)
    await base.patch('rpc-3', { spec: { paused: true } })
    await at(7)
    fixture.node.killSeid(base.podKey('archive'))
    await fixture.patch('devnet', { spec: { nodeConfiguration: { image: NEXT_IMAGE } } })
    await at(8.5)
    // Restarted by the operator by now.
    base.stall('rpc-1', false)
    await at(SCENE_MINUTES - 2)
    await base.create('rpc-5')
    await at(SCENE_MINUTES - 1.5)
    base.stall('rpc-0')
    await at(SCENE_MINUTES)
  } finally {
    clearInterval(fill)
  }
}
