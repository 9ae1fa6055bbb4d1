/** Statements about containers that run to their end: `TASKS`. */
import assert from 'node:assert/strict'
import { jobs } from '../../src/kube/resources.ts'
import { containerOf } from '../support/fake-node-fixture.ts'
import { lastExit, type Statement } from './suite.ts'

export const TASKS: readonly Statement[] = [
  [
    'a Job whose container ends with 0 is Complete, and its pod keeps the message',
    async suite => {
      await suite.job('fine', { code: 0, message: 'genesis 0f\n0 abc' })
      await suite.ended('fine', 'Complete')
      const pod = await suite.jobPod('fine', 'Succeeded', ({ status }) => status?.phase === 'Succeeded')
      const task = containerOf(pod, 'task')
      const exit = task?.state?.terminated
      assert.deepEqual([exit?.exitCode, exit?.reason, exit?.message], [0, 'Completed', 'genesis 0f\n0 abc'])
      assert.deepEqual([task?.ready, task?.started], [false, false])
      assert.equal(pod.status?.conditions?.find(({ type }) => type === 'Ready')?.reason, 'PodCompleted')
    },
  ],
  [
    'a Job whose container ends with another code fails, and is not run again in its pod',
    async suite => {
      await suite.job('broken', { code: 65, message: 'another genesis' })
      await suite.ended('broken', 'Failed')
      const pod = await suite.jobPod('broken', 'Failed', ({ status }) => status?.phase === 'Failed')
      const exit = containerOf(pod, 'task')?.state?.terminated
      assert.deepEqual([exit?.exitCode, exit?.reason, exit?.message], [65, 'Error', 'another genesis'])
      assert.equal(containerOf(pod, 'task')?.restartCount, 0)
    },
  ],
  [
    'a Job whose pod may restart its containers runs a failed one again in the same pod',
    async suite => {
      await suite.job('again', { code: 7, message: 'not yet' }, { restartPolicy: 'OnFailure', backoffLimit: 6 })
      const pod = await suite.jobPod(
        'again',
        'a second failure',
        found => (containerOf(found, 'task')?.restartCount ?? 0) > 0 && lastExit(found, 'task') !== undefined,
      )
      assert.deepEqual([lastExit(pod, 'task')?.exitCode, lastExit(pod, 'task')?.message], [7, 'not yet'])
      assert.equal(pod.status?.phase, 'Running')
    },
  ],
  [
    'a failed container that wrote no message leaves the end of its log as one, where it asks for that',
    async suite => {
      await suite.job('logged', { code: 1, message: 'seid: panic', logged: true })
      const pod = await suite.jobPod('logged', 'Failed', ({ status }) => status?.phase === 'Failed')
      assert.equal(containerOf(pod, 'task')?.state?.terminated?.message, 'seid: panic')
    },
  ],
  [
    'a Job gives up at once on an exit code that its policy names, however many attempts are left',
    async suite => {
      const onExitCodes = { containerName: 'task', operator: 'In', values: [65] }
      await suite.job(
        'refused',
        { code: 65 },
        { backoffLimit: 6, podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes }] } },
      )
      const job = await suite.ended('refused', 'Failed')
      const failed = job.status?.conditions?.find(({ type }) => type === 'Failed')
      assert.equal(failed?.reason, 'PodFailurePolicy')
      assert.equal(job.status?.failed, 1)
    },
  ],
  [
    'init containers run in their order, before the container of the Job',
    async suite => {
      await suite.job('steps', { code: 0 }, { init: [{ code: 0 }, { code: 0 }] })
      await suite.ended('steps', 'Complete')
      const pod = await suite.jobPod('steps', 'Succeeded', ({ status }) => status?.phase === 'Succeeded')
      const ends = ['step-0', 'step-1', 'task'].map(name => containerOf(pod, name)?.state?.terminated)
      assert.deepEqual(
        ends.map(end => end?.exitCode),
        [0, 0, 0],
      )
      const times = ends.map(end => end?.startedAt ?? '')
      assert.deepEqual(times, times.toSorted())
    },
  ],
  [
    'an init container of a Job that fails ends its pod, and what comes after it never runs',
    async suite => {
      await suite.job('bad-step', { code: 0 }, { init: [{ code: 0 }, { code: 4, message: 'cannot patch' }] })
      await suite.ended('bad-step', 'Failed')
      const pod = await suite.jobPod('bad-step', 'Failed', ({ status }) => status?.phase === 'Failed')
      const step = containerOf(pod, 'step-1')?.state?.terminated
      assert.deepEqual([step?.exitCode, step?.message], [4, 'cannot patch'])
      const task = containerOf(pod, 'task')
      assert.deepEqual([task?.state?.waiting?.reason, task?.restartCount], ['PodInitializing', 0])
    },
  ],
  [
    'a Job deleted while it runs takes its pod along',
    async suite => {
      const { client, namespace } = suite.subject
      const job = await suite.job('endless', { code: 0, hangs: true })
      const pod = await suite.jobPod('endless', 'Running', ({ status }) => status?.phase === 'Running')
      const { uid = '' } = job.metadata ?? {}
      await client.delete(jobs, { namespace, name: 'endless' }, { uid, propagationPolicy: 'Background' })
      await suite.gone(pod.metadata?.name ?? '', pod.metadata?.uid ?? '')
    },
  ],
]
