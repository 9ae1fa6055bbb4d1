/** Statements about a sidecar that gates the main container: `GATE`. */
import assert from 'node:assert/strict'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { SEID_CONTAINER, SIDECAR_CONTAINER } from '../../src/api/names.ts'
import { pods } from '../../src/kube/resources.ts'
import { conditionOf, containerOf } from '../support/fake-node-fixture.ts'
import { lastExit, type Statement } from './suite.ts'
import { gatedPod } from './pods.ts'

export const GATE: readonly Statement[] = [
  [
    'a gated pod is Pending, with an address, until its sidecar is marked ready, and Running right after it',
    async suite => {
      const pending = await suite.gated('gate')
      assert.equal(pending.status?.phase, 'Pending')
      assert.match(pending.status?.podIP ?? '', /^\d+\.\d+\.\d+\.\d+$/)
      assert.equal(conditionOf(pending, 'Initialized'), 'False')
      assert.equal(conditionOf(pending, 'Ready'), 'False')
      const prepare = containerOf(pending, 'prepare')
      assert.deepEqual([prepare?.state?.terminated?.exitCode, prepare?.ready], [0, true])
      const sidecar = containerOf(pending, SIDECAR_CONTAINER)
      assert.deepEqual([sidecar?.started, sidecar?.ready, sidecar?.restartCount], [false, false, 0])
      const main = containerOf(pending, SEID_CONTAINER)
      assert.deepEqual([main?.state?.waiting?.reason, main?.started, main?.ready], ['PodInitializing', false, false])

      await suite.subject.markReady('gate')
      const ready = await suite.ready('gate')
      assert.equal(ready.status?.phase, 'Running')
      assert.equal(conditionOf(ready, 'Initialized'), 'True')
      assert.equal(conditionOf(ready, 'ContainersReady'), 'True')
      for (const name of [SIDECAR_CONTAINER, SEID_CONTAINER]) {
        assert.deepEqual([containerOf(ready, name)?.started, containerOf(ready, name)?.ready], [true, true], name)
      }
      assert.equal(ready.status?.podIP, pending.status?.podIP)
    },
  ],
  [
    'a sidecar that dies before it was ready starts again in place, and the pod is gated as before',
    async suite => {
      const first = await suite.gated('early-death')
      await suite.subject.endSidecar('early-death')
      const second = await suite.restarted('early-death', SIDECAR_CONTAINER)
      assert.equal(second.status?.phase, 'Pending')
      assert.equal(second.status?.podIP, first.status?.podIP)
      assert.equal(containerOf(second, SIDECAR_CONTAINER)?.started, false)
      assert.equal(containerOf(second, SEID_CONTAINER)?.state?.waiting?.reason, 'PodInitializing')
      await suite.subject.markReady('early-death')
      await suite.ready('early-death')
    },
  ],
  [
    'a sidecar that dies later takes Ready from the pod and leaves the main container alone, until it is marked ready anew',
    async suite => {
      const first = await suite.running('late-death')
      await suite.subject.endSidecar('late-death')
      const second = await suite.restarted('late-death', SIDECAR_CONTAINER)
      const sidecar = containerOf(second, SIDECAR_CONTAINER)
      assert.deepEqual([sidecar?.started, sidecar?.ready], [false, false])
      assert.equal(sidecar?.lastState?.terminated?.containerID, containerOf(first, SIDECAR_CONTAINER)?.containerID)
      assert.notEqual(sidecar?.containerID, containerOf(first, SIDECAR_CONTAINER)?.containerID)
      assert.equal(second.status?.phase, 'Running')
      assert.equal(conditionOf(second, 'Ready'), 'False')
      assert.equal(conditionOf(second, 'Initialized'), 'True')
      assert.deepEqual(containerOf(second, SEID_CONTAINER), containerOf(first, SEID_CONTAINER))
      await suite.subject.markReady('late-death')
      const ready = await suite.ready('late-death')
      assert.equal(containerOf(ready, SEID_CONTAINER)?.restartCount, 0)
    },
  ],
  [
    'a main container that dies while the sidecar is not ready stays down until it is',
    async suite => {
      await suite.running('held-down')
      await suite.subject.endSidecar('held-down')
      await suite.restarted('held-down', SIDECAR_CONTAINER)
      await suite.subject.crashMain('held-down')
      const dead = await suite.pod(
        'held-down',
        'a dead main container',
        pod => containerOf(pod, SEID_CONTAINER)?.state?.terminated !== undefined,
      )
      const main = containerOf(dead, SEID_CONTAINER)
      assert.deepEqual([main?.state?.terminated?.exitCode, main?.restartCount, main?.started], [2, 0, false])
      assert.equal(dead.status?.phase, 'Running')
      await suite.subject.markReady('held-down')
      const back = await suite.ready('held-down')
      assert.equal(containerOf(back, SEID_CONTAINER)?.restartCount, 1)
    },
  ],
  [
    'a main container that dies beside a sidecar that is ready starts again at once, and waits for its backoff the second time',
    async suite => {
      await suite.running('crash')
      await suite.subject.crashMain('crash')
      const restarted = await suite.restarted('crash', SEID_CONTAINER)
      assert.equal(containerOf(restarted, SEID_CONTAINER)?.lastState?.terminated?.exitCode, 2)
      assert.equal(containerOf(restarted, SEID_CONTAINER)?.lastState?.terminated?.reason, 'Error')
      assert.equal(containerOf(restarted, SIDECAR_CONTAINER)?.restartCount, 0)
      await suite.ready('crash')
      await suite.subject.crashMain('crash')
      const waiting = await suite.pod(
        'crash',
        'CrashLoopBackOff',
        pod => containerOf(pod, SEID_CONTAINER)?.state?.waiting?.reason === 'CrashLoopBackOff',
      )
      const main = containerOf(waiting, SEID_CONTAINER)
      assert.match(main?.state?.waiting?.message ?? '', /^back-off \d+s restarting failed container=seid pod=crash_/)
      assert.equal(main?.lastState?.terminated?.exitCode, 2)
      assert.deepEqual([waiting.status?.phase, conditionOf(waiting, 'Ready')], ['Running', 'False'])
      const back = await suite.ready('crash')
      assert.equal(containerOf(back, SEID_CONTAINER)?.restartCount, 2)
    },
  ],
  [
    'a main container that is not ready is started, and the condition names it',
    async suite => {
      await suite.gated('unready', { ready: false })
      await suite.subject.markReady('unready')
      const started = await suite.pod('unready', 'Running', pod => pod.status?.phase === 'Running')
      const main = containerOf(started, SEID_CONTAINER)
      assert.deepEqual([main?.started, main?.ready], [true, false])
      const ready = started.status?.conditions?.find(({ type }) => type === 'Ready')
      assert.deepEqual([ready?.status, ready?.reason], ['False', 'ContainersNotReady'])
      assert.equal(ready?.message, 'containers with unready status: [seid]')
    },
  ],
  [
    'an init container that fails is tried again, and holds back everything after it',
    async suite => {
      await suite.create('bad-init', gatedPod(suite.subject.image, { task: { code: 3, message: 'no space' } }))
      const failing = await suite.pod(
        'bad-init',
        'a second attempt that failed',
        pod => (containerOf(pod, 'prepare')?.restartCount ?? 0) > 0 && lastExit(pod, 'prepare') !== undefined,
      )
      assert.deepEqual([lastExit(failing, 'prepare')?.exitCode, lastExit(failing, 'prepare')?.message], [3, 'no space'])
      assert.equal(failing.status?.phase, 'Pending')
      assert.equal(containerOf(failing, SIDECAR_CONTAINER)?.state?.waiting?.reason, 'PodInitializing')
      assert.equal(containerOf(failing, SEID_CONTAINER)?.state?.waiting?.reason, 'PodInitializing')
    },
  ],
  [
    'a deleted pod is there until its containers have ended',
    async suite => {
      const { client, namespace } = suite.subject
      const pod = await suite.running('linger', { lingerMs: 1500 })
      const uid = pod.metadata?.uid ?? ''
      await client.delete(pods, { namespace, name: 'linger' }, { uid })
      const ending = await suite.pod('linger', 'its end', ({ metadata }) => metadata?.deletionTimestamp !== undefined)
      assert.equal(ending.metadata?.deletionGracePeriodSeconds, 30)
      assert.notEqual(containerOf(ending, SEID_CONTAINER)?.state?.running, undefined)
      await suite.gone('linger', uid)
    },
  ],
  [
    'a main container that takes longer to end than its grace is killed',
    async suite => {
      const { client, namespace } = suite.subject
      const pod = await suite.running('stubborn', { lingerMs: 10 * 60_000, graceSeconds: 1 })
      const uid = pod.metadata?.uid ?? ''
      await client.delete(pods, { namespace, name: 'stubborn' }, { uid })
      await suite.gone('stubborn', uid)
    },
  ],
  [
    'an image that cannot be pulled reads ErrImagePull, then ImagePullBackOff, and the pod stays Pending',
    async suite => {
      const spec = gatedPod('127.0.0.1:1/does-not-exist:v0.0.40')
      await suite.create('no-image', spec)
      const reason = (name: string): Promise<Pod> =>
        suite.pod('no-image', name, pod => containerOf(pod, 'prepare')?.state?.waiting?.reason === name)
      const failed = await reason('ErrImagePull')
      assert.match(containerOf(failed, 'prepare')?.state?.waiting?.message ?? '', /does-not-exist:v0\.0\.40/)
      assert.equal(failed.status?.phase, 'Pending')
      const waiting = await reason('ImagePullBackOff')
      assert.match(
        containerOf(waiting, 'prepare')?.state?.waiting?.message ?? '',
        /^Back-off pulling image ".*does-not-exist/,
      )
    },
  ],
]
