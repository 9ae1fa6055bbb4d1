/** The operator killed at every write of a pool's birth and of a rollout, and started again. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { ApiCall } from '../support/api-call.ts'
import { ApiProxy } from '../support/api-proxy.ts'
import { KillSwitch, type Moment } from '../support/kill-switch.ts'
import { until } from '../support/until.ts'
import { isReady } from '../support/operator-stage.ts'
import { PoolStage } from './pool-stage.ts'

/** The writes of the pool's own controller. */
const OWN = new Set([
  'seinodepools',
  'seinodepools/status',
  'seinodes',
  'jobs',
  'persistentvolumeclaims',
  'networkpolicies',
  'poddisruptionbudgets',
])

/** Fewer would mean that effects were not seen: finalizer, 2 claims, 2 Jobs, a SeiNode, 2 policies, and some statuses. */
const FEWEST = 11

interface CrashStage extends AsyncDisposable {
  readonly stage: PoolStage
  readonly killSwitch: KillSwitch
  /** Counts the effects of one pool only. */
  follow(pool: string): void
}

async function openCrashStage(): Promise<CrashStage> {
  let pool = ''
  const killSwitch = new KillSwitch(() => void stage.base.operator.kill())
  const isEffect = (call: ApiCall, status: number): boolean => {
    const isOfPool = call.name === pool || call.name.startsWith(`${pool}-`) || call.name.startsWith(`data-${pool}-`)
    return status < 300 && pool !== '' && isOfPool && OWN.has(call.resource)
  }
  const proxy = await ApiProxy.start({
    kubeconfigPath: attachedControlPlane(process.env).operatorKubeconfigPath,
    withhold: (call, status) =>
      isEffect(call, status) && killSwitch.beforeAnswer(`${call.method} ${call.resource} ${call.name}`),
    onDelivered: (call, status) => {
      if (isEffect(call, status)) killSwitch.afterAnswer(`${call.method} ${call.resource} ${call.name}`)
    },
  })
  const stage = await PoolStage.open({ operator: { kubeconfig: proxy.kubeconfigPath } })
  return {
    stage,
    killSwitch,
    follow: name => {
      pool = name
    },
    async [Symbol.asyncDispose]() {
      await stage[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
    },
  }
}

/** The effect at which the operator died, or undefined where the pool got Ready first; it lives in either case. */
async function surviveOne({ stage, killSwitch }: CrashStage, name: string): Promise<string | undefined> {
  await until(
    `${name}: the effect to die at, or the end`,
    async () => {
      if (killSwitch.struckAt !== undefined) return true
      const pool = await stage.pool(name)
      return pool?.status?.firstBlockAt !== undefined && pool.status.readyNodes === pool.status.totalNodes
        ? true
        : undefined
    },
    {
      deadlineMs: 90_000,
      intervalMs: 100,
      found: async () => ({ pool: await stage.pool(name), log: stage.base.operator.log }),
    },
  )
  const { struckAt } = killSwitch
  // It may strike while the pool is asked for: from here on it must not.
  killSwitch.disarm()
  if (struckAt === undefined) return undefined
  await stage.base.operator.kill()
  stage.base.operator.start()
  return struckAt
}

suite('the operator is killed with SIGKILL and started again', { concurrency: true }, () => {
  for (const moment of ['before the answer', 'after the answer'] as const satisfies readonly Moment[]) {
    test(`failure mode 42: at each write of a pool's birth, ${moment}: one ceremony, one preparation, one network`, async () => {
      await using crash = await openCrashStage()
      const { stage, killSwitch } = crash
      const struck: string[] = []
      for (;;) {
        const name = `born-${struck.length + 1}`
        crash.follow(name)
        killSwitch.arm(struck.length + 1, moment)
        await stage.create(name, 1, { chainId: 'crash-1' })
        const at = await surviveOne(crash, name)
        const pool = await stage.untilReady(name)
        const ofCeremony = stage.read(`${name}-genesis-data`, 'genesis/node0/config/priv_validator_key.json')
        assert.equal(stage.read(`data-${name}-0`, 'config/priv_validator_key.json'), ofCeremony, at)
        assert.equal(
          `${pool.status?.genesis?.hash}\n`,
          stage.read(`${name}-genesis-data`, 'genesis/genesis.sha256'),
          at,
        )
        assert.deepEqual(stage.base.executedBy(`${name}-0`), ['config-apply', 'config-validate', 'mark-ready'], at)
        if (at === undefined) break
        struck.push(at)
      }
      assert.ok(struck.length >= FEWEST, `${struck.length} effects: ${struck.join(', ')}`)
    })
  }

  test('failure mode 42: at each write of a rollout: every node gets the change, and never two at once', async () => {
    await using crash = await openCrashStage()
    const { stage, killSwitch } = crash
    await stage.create('rolled', 4)
    await stage.untilReady('rolled')
    crash.follow('rolled')
    const names = [0, 1, 2, 3].map(index => `rolled-${index}`)
    for (let effect = 1; effect <= 4; effect++) {
      const image = `sei-protocol/seid:v6.5.${effect}`
      killSwitch.arm(effect, 'before the answer')
      await stage.patch('rolled', { spec: { nodeConfiguration: { image } } })
      let isStruck = false
      await until(
        `every node to run ${image}`,
        async () => {
          const nodes = await Promise.all(names.map(name => stage.seiNode(name)))
          assert.ok(nodes.filter(node => !isReady(node)).length <= 1, 'two nodes were not Ready at once')
          if (killSwitch.struckAt !== undefined && !isStruck) {
            isStruck = true
            killSwitch.disarm()
            await stage.base.operator.kill()
            stage.base.operator.start()
          }
          return nodes.every(node => node.spec.image === image && isReady(node)) ? true : undefined
        },
        { deadlineMs: 120_000, intervalMs: 100, found: async () => (await stage.pool('rolled'))?.status },
      )
      assert.ok(isStruck, `the rollout has a write number ${effect}`)
      await stage.untilReady('rolled')
    }
    assert.equal((await stage.base.get(seiNodes, 'rolled-0'))?.metadata.deletionTimestamp, undefined)
  })
})
