/** A real Prometheus scrapes an operator whose time passes ten times as fast: alerts fire and resolve, and queries have series. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PoolFixture } from '../pool/pool-fixture.ts'
import { alertsOf, queriesOf, readDashboard, readRules, type Rules } from '../support/monitoring.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import type { FiringAlert, Prometheus } from './prometheus.ts'
import { SCRAPED_ARGS, ScrapedOperator } from './scraped-operator.ts'

const BUCKET = { bucket: 'uploads', region: 'us-east-2' }
const UPLOADS = { interval: 100, keepRecent: 2, schedule: '* * * * *', destination: { s3: BUCKET } }

/** Selectors that have no series here, with the reason. */
const WITHOUT_SERIES: Readonly<Record<string, string>> = {
  sei_node_volume_used_bytes: 'no kubelet reports the usage of volumes',
  sei_node_volume_capacity_bytes: 'no kubelet reports the usage of volumes',
  sei_node_volume_full_timestamp_seconds: 'no kubelet reports the usage of volumes',
  'sei_node_phase{state=~"Terminating|Halted"}': 'no node is deleted, and none has a height to halt at',
  'sei_node_chain_state{state="NoPeers"}': 'every fake seid has peers',
  'sei_node_chain_state{state="WrongChain"}': 'every fake seid is of its own chain',
  'sei_node_chain_state{state="NotSigning"}': 'every fake seid that follows signs',
  'sei_node_chain_state{state="CatchingUp"}': 'fake seids are at the head at once',
}

/** Metrics of the dashboard alone that have no series here, with the reason. */
const DASHBOARD_WITHOUT_SERIES: Readonly<Record<string, string>> = {
  sei_node_last_stuck_restart_timestamp_seconds: 'no node has a policy for stuck nodes',
  sei_node_stuck_restarts_exhausted: 'no node has a policy for stuck nodes',
  sei_node_volume_growths_total: 'no volume grows by itself',
}

let fixture: PoolFixture
let scraped: ScrapedOperator
let prometheus: Prometheus
let uploadsFail = true
/** Until then, the bootstrap of `broken` runs. */
const bootstrapSeen = Promise.withResolvers<undefined>()

/** Minutes of an alert's patience are seconds here. */
function impatient({ groups }: Rules): Rules {
  return {
    groups: groups.map(group => ({ ...group, rules: group.rules.map(rule => ({ ...rule, for: '2s' })) })),
  }
}

before(async () => {
  fixture = await PoolFixture.open({
    operator: {
      clockRate: 10,
      args: SCRAPED_ARGS,
    },
    node: {
      crashBackoff: { initialMs: 100, maxMs: 100 },
      sidecarFor: ({ pod }) => ({
        tasks: type => {
          if (pod === 'broken-0' && type === 'config-validate')
            return { block: bootstrapSeen.promise, fail: 'no such key' }
          return type === 'snapshot-upload' && uploadsFail ? { fail: 'AccessDenied' } : undefined
        },
      }),
    },
  })
  scraped = await ScrapedOperator.open(fixture.base, impatient(readRules()))
  prometheus = scraped.prometheus
  await fixture.create('one', 4)
  await fixture.base.create('rpc', { ...GENESIS_SPEC, snapshotGeneration: UPLOADS })
  await fixture.untilReady('one')
  await fixture.base.untilRunning('rpc')
})
after(async () => {
  await scraped[Symbol.asyncDispose]()
  await fixture[Symbol.asyncDispose]()
})

function nodesOf(alerts: readonly FiringAlert[]): readonly (string | undefined)[] {
  return alerts.map(({ labels }) => labels['seinode'])
}

test('SeiOperatorDown resolves when Prometheus scrapes the operator with TLS and a token', async () => {
  await prometheus.untilResolved('SeiOperatorDown')
  assert.ok((await prometheus.seriesOf(`sei_node_ready{namespace="${fixture.base.namespace}"}`)) >= 5)
})

test('a validator that stands still is SeiNodeStuck, and not SeiNodeNotReady too', async () => {
  fixture.base.stall('one-1')
  const [alert, ...others] = await prometheus.untilFiring('SeiNodeStuck')
  assert.deepEqual(others, [])
  const { namespace } = fixture.base
  assert.deepEqual(alert?.labels, {
    alertname: 'SeiNodeStuck',
    severity: 'warning',
    namespace,
    seinode: 'one-1',
    chain_id: 'devnet-1',
  })
  assert.equal(alert.annotations['summary'], `SeiNode ${namespace}/one-1 has no new blocks`)
  assert.deepEqual(await prometheus.firing('SeiNodeNotReady'), [])
  fixture.base.stall('one-1', false)
  await prometheus.untilResolved('SeiNodeStuck')
})

test('a chain that makes no blocks is one SeiChainHalted for all of its nodes', async () => {
  for (const name of ['one-2', 'one-3']) fixture.base.stall(name)
  const alerts = await prometheus.untilFiring('SeiChainHalted')
  assert.deepEqual(
    alerts.map(({ labels }) => labels['chain_id']),
    ['devnet-1'],
  )
  for (const name of ['one-2', 'one-3']) fixture.base.stall(name, false)
  await prometheus.untilResolved('SeiChainHalted')
  await fixture.untilReady('one')
})

test('a node that its kubelet does not find ready is SeiNodeNotReady', async () => {
  fixture.node.setSeidReady(fixture.base.podKey('rpc'), false)
  assert.deepEqual(nodesOf(await prometheus.untilFiring('SeiNodeNotReady')), ['rpc'])
  fixture.node.setSeidReady(fixture.base.podKey('rpc'), true)
  await prometheus.untilResolved('SeiNodeNotReady')
})

test('an upload that fails is SeiUploadFailing until one succeeds', async () => {
  await prometheus.untilFiring('SeiUploadFailing', { seinode: 'rpc', task: 'snapshot-upload' })
  uploadsFail = false
  await prometheus.untilResolved('SeiUploadFailing')
})

test('a seid that crashes again and again is SeiNodeRestarting', async () => {
  for (let crash = 1; crash <= 5; crash += 1) {
    await fixture.base.untilRunning('rpc')
    fixture.node.killSeid(fixture.base.podKey('rpc'))
    await until(`restart ${crash}`, async () => {
      return (await prometheus.seriesOf(`sei_node_seid_restarts_total{seinode="rpc"} >= ${crash}`)) > 0 || undefined
    })
  }
  assert.deepEqual(nodesOf(await prometheus.untilFiring('SeiNodeRestarting')), ['rpc'])
  await fixture.base.untilRunning('rpc')
})

test('a bootstrap that runs is no alert; one that fails is SeiNodeStalled with its reason, and its task is named', async () => {
  await fixture.base.create('broken', GENESIS_SPEC)
  const running = 'sei_node_plan_started_timestamp_seconds{seinode="broken"} unless sei_node_plan_duration_seconds'
  // Longer than the patience of every alert.
  await until('the plan to run', async () => {
    return (await prometheus.seriesOf(`count_over_time((${running})[10s:1s]) >= 6`)) > 0 || undefined
  })
  assert.deepEqual(await prometheus.firing('SeiNodeNotReady'), [])
  bootstrapSeen.resolve(undefined)
  await prometheus.untilFiring('SeiNodeStalled', { seinode: 'broken', reason: 'BootstrapFailed' })
  const failed = 'sei_node_plan_failed{seinode="broken",plan="bootstrap",task="config-validate"}'
  assert.equal(await prometheus.seriesOf(failed), 1)
  await fixture.base.patch('broken', { spec: { paused: true } })
  await prometheus.untilResolved('SeiNodeStalled')
})

test('an image that does not exist is SeiNodeStalled, and SeiRolloutHalted after ten minutes', async () => {
  const { image } = GENESIS_SPEC
  await fixture.base.patch('rpc', { spec: { image: 'sei-protocol/does-not-exist:v1' } })
  await prometheus.untilFiring('SeiNodeStalled', { seinode: 'rpc', reason: 'ImagePullFailed' })
  assert.deepEqual(nodesOf(await prometheus.untilFiring('SeiRolloutHalted')), ['rpc'])
  await fixture.base.patch('rpc', { spec: { image } })
  await prometheus.untilResolved('SeiNodeStalled')
  await prometheus.untilResolved('SeiRolloutHalted')
})

test('an operator that is gone is SeiOperatorDown, until another is there', async () => {
  await fixture.base.operator.kill()
  await prometheus.untilFiring('SeiOperatorDown')
  fixture.base.operator.start()
  await scraped.untilScraped()
  await prometheus.untilResolved('SeiOperatorDown')
  await fixture.untilReady('one')
})

/** With values for the dashboard's variables. */
function substituted(query: string): string {
  return query
    .replaceAll('$namespace', fixture.base.namespace)
    .replaceAll(/\$(?:chain_id|seinode)/g, '.*')
    .replaceAll('$__rate_interval', '10s')
}

/** Metrics with their matchers, as the query has them. */
function selectorsIn(query: string): readonly string[] {
  const bare = query.replaceAll(/\b(?:by|on) \([^)]*\)/g, '')
  return (
    bare.match(/\b[a-z]+(?:_[a-z0-9]+)+\b(?:\{[^}]*\})?(?!\s*\()/g)?.filter(each => !each.includes('_over_time')) ?? []
  )
}

test('every metric that the rules select has had series here, or is known to have none', async () => {
  const selectors = new Set(alertsOf(readRules()).flatMap(({ expr }) => selectorsIn(expr)))
  assert.ok(selectors.size > 20, [...selectors].join())
  const empty: string[] = []
  for (const selector of selectors) {
    if (WITHOUT_SERIES[selector] === undefined && (await prometheus.seriesOf(selector)) === 0) empty.push(selector)
  }
  assert.deepEqual(empty, [])
  assert.deepEqual(
    Object.keys(WITHOUT_SERIES).filter(selector => !selectors.has(selector)),
    [],
  )
})

test('every query of rules and dashboard is valid, and those of the dashboard have had series, but for those on the list', async () => {
  for (const { expr } of alertsOf(readRules())) await prometheus.seriesOf(expr)
  const empty: string[] = []
  for (const query of queriesOf(readDashboard())) {
    const known = [...Object.keys(WITHOUT_SERIES), ...Object.keys(DASHBOARD_WITHOUT_SERIES)]
    const isKnown = known.some(selector => !selector.includes('{') && query.includes(selector))
    if ((await prometheus.seriesOf(substituted(query))) === 0 && !isKnown) empty.push(query)
  }
  assert.deepEqual(empty, [])
})
