/** How far a Job is taken to be. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts'
import { jobState } from './job-state.ts'

const NOW = Date.UTC(2026, 4, 1, 12)
const CREATED = '2026-05-01T11:59:00Z'

function job(
  ...conditions: readonly { readonly type: string; readonly status: 'True'; readonly message?: string }[]
): Job {
  return {
    metadata: { name: 'net-genesis', creationTimestamp: CREATED },
    status: { conditions: [...conditions], completionTime: 'later' },
  }
}

function status(name: string, state: ContainerStatus['state']): ContainerStatus {
  return { name, image: 'seid:v1', imageID: '', ready: false, restartCount: 0, ...(state ? { state } : {}) }
}

function pod(phase: string, statuses: readonly ContainerStatus[], more: Pod['metadata'] = {}): Pod {
  const [last] = statuses.slice(-1)
  return {
    metadata: { name: 'net-genesis-x', namespace: 'sei', creationTimestamp: CREATED, ...more },
    status: { phase, initContainerStatuses: statuses.slice(0, -1), containerStatuses: last ? [last] : [] },
  }
}

const done = { terminated: { exitCode: 0 } }
const waiting = { waiting: { reason: 'PodInitializing' } }

test('R2: a Job that runs is at the container that runs, since when that does', () => {
  const running = { running: { startedAt: '2026-05-01T11:59:30Z' } }
  const at = pod('Pending', [status('ceremony', done), status('patch-genesis', running), status('publish', waiting)])
  assert.deepEqual(jobState(job(), [at], NOW), {
    kind: 'running',
    step: 'patch-genesis',
    since: '2026-05-01T11:59:30Z',
  })
  assert.deepEqual(jobState(job(), [], NOW), { kind: 'starting', since: CREATED })
})

test('R2: a Job whose image cannot be pulled is stuck, and the message names the field', () => {
  const refused = { waiting: { reason: 'ImagePullBackOff', message: 'no such tag' } }
  const state = jobState(job(), [pod('Pending', [status('ceremony', refused), status('publish', waiting)])], NOW)
  assert.equal(state.kind, 'stuck')
  assert.match(state.kind === 'stuck' ? state.message : '', /no such tag.*spec\.nodeConfiguration\.image/)
})

test('R2: a Job whose pod fits nowhere is stuck, after the time that a new cluster node takes', () => {
  const unscheduled: Pod = {
    metadata: { name: 'net-genesis-x', creationTimestamp: CREATED },
    status: {
      phase: 'Pending',
      conditions: [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/1 nodes are available',
          lastTransitionTime: CREATED,
        },
      ],
    },
  }
  assert.equal(jobState(job(), [unscheduled], Date.parse(CREATED) + 1000).kind, 'starting')
  assert.equal(jobState(job(), [unscheduled], Date.parse(CREATED) + 299_000).kind, 'starting')
  const state = jobState(job(), [unscheduled], Date.parse(CREATED) + 300_000)
  assert.match(
    state.kind === 'stuck' ? state.message : '',
    /0\/1 nodes are available.*raise the limits of the Karpenter NodePool$/i,
  )
})

test('R2: a failed Job tells the step that failed last, its exit code and its last words', () => {
  const first = pod('Failed', [
    status('ceremony', { terminated: { exitCode: 1, message: 'first' } }),
    status('publish', waiting),
  ])
  const last = pod(
    'Failed',
    [
      status('ceremony', { terminated: { exitCode: 65, message: 'account x was not added\n' } }),
      status('publish', waiting),
    ],
    { creationTimestamp: '2026-05-01T11:59:59Z' },
  )
  assert.deepEqual(jobState(job({ type: 'Failed', status: 'True', message: 'backoff' }), [first, last], NOW), {
    kind: 'failed',
    refused: true,
    message: 'Job net-genesis failed at step ceremony, exit code 65: account x was not added',
  })
  assert.deepEqual(jobState(job({ type: 'Failed', status: 'True', message: 'backoff limit' }), [], NOW), {
    kind: 'failed',
    refused: false,
    message: 'Job net-genesis failed: backoff limit',
  })
})

function succeeded(message?: string): Pod {
  return pod('Succeeded', [
    status('publish', { terminated: { exitCode: 0, ...(message === undefined ? {} : { message }) } }),
  ])
}

test('R2: a complete Job brings its report, an empty one where it left none, none where its pod is gone', () => {
  const complete = job({ type: 'Complete', status: 'True' })
  assert.deepEqual(jobState(complete, [succeeded('genesis x')], NOW), {
    kind: 'complete',
    report: 'genesis x',
    at: 'later',
  })
  assert.deepEqual(jobState(complete, [succeeded()], NOW), { kind: 'complete', report: '', at: 'later' })
  assert.deepEqual(jobState(complete, [], NOW), { kind: 'complete', report: undefined, at: 'later' })
})

test('failure mode 19: a Job that is being deleted is neither running nor complete', () => {
  const { metadata, ...rest } = job({ type: 'Complete', status: 'True' })
  assert.deepEqual(jobState({ ...rest, metadata: { ...metadata, deletionTimestamp: CREATED } }, [], NOW), {
    kind: 'going',
  })
})

const ENDED = '2026-05-01T11:59:30Z'

/** A pod of the ceremony to which admission added a container, the first of its list. */
function injected(phase: string, added: ContainerStatus['state'], publish: ContainerStatus['state']): Pod {
  const { metadata } = pod(phase, [])
  const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name: 'net-genesis', uid: 'j', controller: true }]
  const initContainerStatuses = [status('ceremony', done), status('patch-genesis', done)]
  const containerStatuses = [status('istio-proxy', added), status('publish', publish)]
  return { metadata: { ...metadata, ownerReferences }, status: { phase, initContainerStatuses, containerStatuses } }
}

test('the report is that of the container publish, wherever admission puts another one', () => {
  const published = { terminated: { exitCode: 0, message: 'genesis x' } }
  const state = jobState(job({ type: 'Complete', status: 'True' }), [injected('Succeeded', done, published)], NOW)
  assert.deepEqual(state, { kind: 'complete', report: 'genesis x', at: 'later' })
})

test('a container that admission added is named when it keeps the Job from ending', () => {
  const published = { terminated: { exitCode: 0, finishedAt: ENDED } }
  const proxy = { running: { startedAt: CREATED } }
  const at = (ms: number) => jobState(job(), [injected('Running', proxy, published)], Date.parse(ENDED) + ms)
  assert.equal(at(9_999).kind, 'starting')
  const state = at(10_000)
  assert.match(
    state.kind === 'stuck' ? state.message : '',
    /container istio-proxy, which admission added to pod net-genesis-x, still runs .* native sidecar .* sei\.io\/pool-job .* kubectl delete job -n sei net-genesis$/,
  )
  assert.deepEqual(jobState(job(), [injected('Running', proxy, proxy)], NOW), {
    kind: 'running',
    step: 'publish',
    since: CREATED,
  })
})

test('a Job that fails by a container that admission added says so, and its exit code refuses nothing', () => {
  const killed = { terminated: { exitCode: 65 } }
  const state = jobState(job({ type: 'Failed', status: 'True' }), [injected('Failed', killed, done)], NOW)
  assert.deepEqual(state, {
    kind: 'failed',
    refused: false,
    message: 'Job net-genesis failed at container istio-proxy, which admission added to its pod, exit code 65',
  })
  const image = { waiting: { reason: 'ErrImagePull', message: 'no such tag' } }
  const stuck = jobState(job(), [injected('Pending', image, waiting)], NOW)
  assert.match(stuck.kind === 'stuck' ? stuck.message : '', /Correct the policy or webhook that adds it to the pod/)
})

test('a deleted pod whose machine does not report its end is named, also where its Job is deleted', () => {
  const running = pod('Running', [status('ceremony', { running: { startedAt: CREATED } })], {
    deletionTimestamp: CREATED,
  })
  const going: Pod = { ...running, spec: { ...running.spec, containers: [], nodeName: 'machine-1' } }
  const early = Date.parse(CREATED) + 29_999
  const { metadata } = job()
  const deleted: Job = { metadata: { ...metadata, deletionTimestamp: CREATED } }
  assert.equal(jobState(job(), [going], early).kind, 'running')
  assert.equal(jobState(deleted, [going], early).kind, 'going')
  for (const each of [job(), deleted]) {
    const state = jobState(each, [going], NOW)
    assert.match(state.kind === 'stuck' ? state.message : '', /pod net-genesis-x was deleted, .* machine-1 .* --force/)
  }
  const ended: Pod = { ...going, status: { ...going.status, phase: 'Succeeded' } }
  for (const each of [running, ended]) assert.equal(jobState(deleted, [each], NOW).kind, 'going')
})
