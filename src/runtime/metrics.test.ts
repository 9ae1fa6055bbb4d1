/** Tests of the metrics as a scrape shows them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from './manual-clock.ts'
import { Metrics } from './metrics.ts'
import { WorkQueue } from './queue.ts'

/** The samples of a scrape whose name or labels contain `part`. */
async function scrape(metrics: Metrics, part: string): Promise<string[]> {
  const text = await metrics.registry.metrics()
  return text.split('\n').filter(line => !line.startsWith('#') && line.includes(part))
}

test('the calls to pods are read when metrics are; without a limiter there are none', async () => {
  const metrics = new Metrics()
  const value = async () => {
    const names = ['running', 'waiting', 'silent_targets'].map(name => `pod_calls_${name}`)
    const texts = await Promise.all(names.map(name => metrics.registry.getSingleMetricAsString(name)))
    return texts.map(text => Number(/ (\d+)\s*$/.exec(text)?.[1]))
  }
  assert.deepEqual(await value(), [0, 0, 0])
  metrics.podCalls({ running: 1, waiting: 2, silent: 3 })
  assert.deepEqual(await value(), [1, 2, 3])
})

test('every series with a known label is there before anything happened, at 0', async () => {
  const metrics = new Metrics()
  assert.equal(new WorkQueue({ clock: new ManualClock(), metrics: metrics.queue('things') }).depth, 0)
  metrics.controller('things')
  metrics.watchRestarts('things')
  metrics.leader('things')
  metrics.declareRequests(['get', 'list'], ['things', 'pods'])
  const samples = [...(await scrape(metrics, 'things')), ...(await scrape(metrics, 'event_recorder'))]
  assert.deepEqual(
    samples.filter(sample => !sample.endsWith(' 0')),
    [],
  )
  const series = samples.map(sample => sample.split(' ')[0] ?? '').filter(sample => !sample.includes('_bucket'))
  assert.deepEqual(
    series.toSorted((a, b) => a.localeCompare(b)),
    [
      'controller_runtime_reconcile_errors_total{controller="things"}',
      'controller_runtime_reconcile_total{controller="things",result="backoff"}',
      'controller_runtime_reconcile_total{controller="things",result="conflict"}',
      'controller_runtime_reconcile_total{controller="things",result="error"}',
      'controller_runtime_reconcile_total{controller="things",result="requeue_after"}',
      'controller_runtime_reconcile_total{controller="things",result="success"}',
      'event_recorder_events_total{outcome="aggregated"}',
      'event_recorder_events_total{outcome="dropped"}',
      'event_recorder_events_total{outcome="posted"}',
      'kube_client_requests_total{verb="get",resource="things",code="200"}',
      'kube_client_requests_total{verb="get",resource="things",code="none"}',
      'kube_client_requests_total{verb="list",resource="things",code="200"}',
      'kube_client_requests_total{verb="list",resource="things",code="none"}',
      'kube_client_watch_restarts_total{resource="things"}',
      'leader_election_master_status{name="things"}',
      'workqueue_adds_total{name="things"}',
      'workqueue_depth{name="things"}',
      'workqueue_longest_running_processor_seconds{name="things"}',
      'workqueue_queue_duration_seconds_count{name="things"}',
      'workqueue_queue_duration_seconds_sum{name="things"}',
      'workqueue_retries_total{name="things"}',
      'workqueue_work_duration_seconds_count{name="things"}',
      'workqueue_work_duration_seconds_sum{name="things"}',
    ],
  )
})

test('a queue shows its depth, its times in seconds and its oldest running key', async () => {
  const metrics = new Metrics()
  const clock = new ManualClock()
  const queue = new WorkQueue({ clock, metrics: metrics.queue('things') })
  queue.add('a')
  queue.add('b')
  await clock.advance(2000)
  await queue.get()
  await clock.advance(3000)
  assert.deepEqual(await scrape(metrics, 'workqueue_depth'), ['workqueue_depth{name="things"} 1'])
  assert.deepEqual(await scrape(metrics, 'workqueue_longest'), [
    'workqueue_longest_running_processor_seconds{name="things"} 3',
  ])
  queue.done('a')
  assert.deepEqual(await scrape(metrics, 'duration_seconds_sum'), [
    'workqueue_queue_duration_seconds_sum{name="things"} 2',
    'workqueue_work_duration_seconds_sum{name="things"} 3',
  ])
})

test('requests are counted by verb, resource and code, and without an answer as none', async () => {
  const metrics = new Metrics()
  metrics.request({ verb: 'get', resource: 'pods', status: 200 })
  metrics.request({ verb: 'get', resource: 'pods', status: 200 })
  metrics.request({ verb: 'apply', resource: 'pods', status: 409 })
  metrics.request({ verb: 'list', resource: 'pods', status: 0 })
  assert.deepEqual(await scrape(metrics, 'kube_client_requests_total'), [
    'kube_client_requests_total{verb="get",resource="pods",code="200"} 2',
    'kube_client_requests_total{verb="apply",resource="pods",code="409"} 1',
    'kube_client_requests_total{verb="list",resource="pods",code="none"} 1',
  ])
})

test('an error counts as a result and as an error', async () => {
  const metrics = new Metrics()
  const controller = metrics.controller('things')
  controller.reconciled('error')
  controller.reconciled('success')
  assert.deepEqual(
    (await scrape(metrics, 'controller_runtime')).filter(sample => !sample.endsWith(' 0')),
    [
      'controller_runtime_reconcile_total{controller="things",result="success"} 1',
      'controller_runtime_reconcile_total{controller="things",result="error"} 1',
      'controller_runtime_reconcile_errors_total{controller="things"} 1',
    ],
  )
})

test('the metrics include CPU time and memory of the process', async () => {
  const metrics = new Metrics()
  const [rss] = await scrape(metrics, 'process_resident_memory_bytes')
  assert.ok(Number(rss?.split(' ')[1]) > 1e6, `${rss}`)
  if (process.platform === 'linux') {
    const names = [
      'process_resident_memory_bytes',
      'process_resident_memory_anonymous_bytes',
      'process_resident_memory_file_bytes',
    ]
    const [all, anonymous, file] = await Promise.all(
      names.map(async name => Number((await scrape(metrics, name))[0]?.split(' ')[1])),
    )
    assert.ok(anonymous && file && all && anonymous > 1e6 && file > 1e6 && anonymous + file < 2 * all)
  }
  const [cpu] = await scrape(metrics, 'process_cpu_seconds_total')
  assert.ok(Number(cpu?.split(' ')[1]) > 0, `${cpu}`)
  assert.match(await metrics.registry.metrics(), /^# TYPE process_cpu_seconds_total counter$/m)
})
