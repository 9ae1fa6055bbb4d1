/** Statements about a sidecar that holds the main container back: `GATE`. */
import assert from 'node:assert/strict'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { SEID_CONTAINER, SIDECAR_CONTAINER } from '../../src/api/names.ts'
import { pods } from '../../src/kube/resources.ts'
import { conditionOf, containerOf } from '../support/fake-node-fixture.ts'
import { lastExit, type Statement } from './lane.ts'
import { gatedPod } from './pods.ts'

export const GATE: readonly Statement[] = [
  [
    'a gated pod is Pending, with an address, until its sidecar is marked ready, and Running right after it',
    async lane => {
      const pending = await lane.gated('gate')
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

      await lane.subject.markReady('gate')
      const ready = await lane.ready('gate')
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
    async lane => {
      const first = await lane.gated('early-death')
      await lane.subject.endSidecar('early-death')
      const second = await lane.restarted('early-death', SIDECAR_CONTAINER)
      assert.equal(second.status?.phase, 'Pending')
      assert.equal(second.status?.podIP, first.status?.podIP)
      assert.equal(containerOf(second, SIDECAR_CONTAINER)?.started, false)
      assert.equal(containerOf(second, SEID_CONTAINER)?.state?.waiting?.reason, 'PodInitializing')
      await lane.subject.markReady('early-death')
      await lane.ready('early-death')
    },
  ],
  [
    'a sidecar that dies later takes Ready from the pod and leaves the main container alone, until it is marked ready anew',
    async lane => {
      const first = await lane.running('late-death')
      await lane.subject.endSidecar('late-death')
      const second = await lane.restarted('late-death', SIDECAR_CONTAINER)
      const sidecar = containerOf(second, SIDECAR_CONTAINER)
      assert.deepEqual([sidecar?.started, sidecar?.ready], [false, false])
      assert.equal(sidecar?.lastState?.terminated?.containerID, containerOf(first, SIDECAR_CONTAINER)?.containerID)
      assert.notEqual(sidecar?.containerID, containerOf(first, SIDECAR_CONTAINER)?.containerID)
      assert.equal(second.status?.phase, 'Running')
      assert.equal(conditionOf(second, 'Ready'), 'False')
      assert.equal(conditionOf(second, 'Initialized'), 'True')
      assert.deepEqual(containerOf(second, SEID_CONTAINER), containerOf(first, SEID_CONTAINER))
      await lane.subject.markReady('late-death')
      const ready = await lane.ready('late-death')
      assert.equal(containerOf(ready, SEID_CONTAINER)?.restartCount, 0)
    },
  ],
  [
    'a main container that dies while the sidecar is not ready stays down until it is',
    async lane => {
      await lane.running('held-down')
      await lane.subject.endSidecar('held-down')
      await lane.restarted('held-down', SIDECAR_CONTAINER)
      await lane.subject.crashMain('held-down')
      const dead = await lane.pod(
        'held-down',
        'a dead main container',
        pod => containerOf(pod, SEID_CONTAINER)?.state?.terminated !== undefined,
      )
      const main = containerOf(dead, SEID_CONTAINER)
      assert.deepEqual([main?.state?.terminated?.exitCode, main?.restartCount, main?.started], [2, 0, false])
      assert.equal(dead.status?.phase, 'Running')
      await lane.subject.markReady('held-down')
      const back = await lane.ready('held-down')
      assert.equal(containerOf(back, SEID_CONTAINER)?.restartCount, 1)
    },
  ],
  [
    'a main container that dies beside a sidecar that is ready starts again at once, and is held back the second time',
    async lane => {
      await lane.running('crash')
      await lane.subject.crashMain('crash')
      const again = await lane.restarted('crash', SEID_CONTAINER)
      assert.equal(containerOf(again, SEID_CONTAINER)?.lastState?.terminated?.exitCode, 2)
      assert.equal(containerOf(again, SEID_CONTAINER)?.lastState?.terminated?.reason, 'Error')
      assert.equal(containerOf(again, SIDECAR_CONTAINER)?.restartCount, 0)
      await lane.ready('crash')
      await lane.subject.crashMain('crash')
      const held = await lane.pod(
        'crash',
        'CrashLoopBackOff',
        pod => containerOf(pod, SEID_CONTAINER)?.state?.waiting?.reason === 'CrashLoopBackOff',
      )
      const main = containerOf(held, SEID_CONTAINER)
      assert.match(main?.state?.waiting?.message ?? '', /^back-off \d+s restarting failed container=seid pod=crash_/)
      assert.equal(main?.lastState?.terminated?.exitCode, 2)
      assert.deepEqual([held.status?.phase, conditionOf(held, 'Ready')], ['Running', 'False'])
      const back = await lane.ready('crash')
      assert.equal(containerOf(back, SEID_CONTAINER)?.restartCount, 2)
    },
  ],
  [
    'a main container that is not ready is started, and the condition names it',
    async lane => {
      await lane.gated('unready', { ready: false })
      await lane.subject.markReady('unready')
      const started = await lane.pod('unready', 'Running', pod => pod.status?.phase === 'Running')
      const main = containerOf(started, SEID_CONTAINER)
      assert.deepEqual([main?.started, main?.ready], [true, false])
      const ready = started.status?.conditions?.find(({ type }) => type === 'Ready')
      assert.deepEqual([ready?.status, ready?.reason], ['False', 'ContainersNotReady'])
      assert.equal(ready?.message, 'containers with unready status: [seid]')
    },
  ],
  [
    'an init container that fails is tried again, and holds back everything after it',
    async lane => {
      await lane.create('bad-init', gatedPod(lane.subject.image, { task: { code: 3, message: 'no space' } }))
      const failing = await lane.pod(
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
    async lane => {
      const { client, namespace } = lane.subject
      const pod = await lane.running('linger', { lingerMs: 1500 })
      const uid = pod.metadata?.uid ?? ''
      await client.delete(pods, { namespace, name: 'linger' }, { uid })
      const ending = await lane.pod('linger', 'its end', ({ metadata }) => metadata?.deletionTimestamp !== undefined)
      assert.equal(ending.metadata?.deletionGracePeriodSeconds, 30)
      assert.notEqual(containerOf(ending, SEID_CONTAINER)?.state?.running, undefined)
      await lane.gone('linger', uid)
    },
  ],
  [
    'a main container that takes longer to end than its grace is killed',
    async lane => {
      const { client, namespace } = lane.subject
      const pod = await lane.running('stubborn', { lingerMs: 10 * 60_000, graceSeconds: 1 })
      const uid = pod.metadata?.uid ?? ''
      await client.delete(pods, { namespace, name: 'stubborn' }, { uid })
      await lane.gone('stubborn', uid)
    },
  ],
  [
    'an image that cannot be pulled reads ErrImagePull, then ImagePullBackOff, and the pod stays Pending',
    async lane => {
      const spec = gatedPod('127.0.0.1:1/does-not-exist:v0.0.40')
      await lane.create('no-image', spec)
      const reason = (name: string): Promise<Pod> =>
        lane.pod('no-image', name, pod => containerOf(pod, 'prepare')?.state?.waiting?.reason === name)
      const failed = await reason('ErrImagePull')
      assert.match(containerOf(failed, 'prepare')?.state?.waiting?.message ?? '', /does-not-exist:v0\.0\.40/)
      assert.equal(failed.status?.phase, 'Pending')
      const held = await reason('ImagePullBackOff')
      assert.match(
        containerOf(held, 'prepare')?.state?.waiting?.message ?? '',
        /^Back-off pulling image ".*does-not-exist/,
      )
    },
  ],
]
