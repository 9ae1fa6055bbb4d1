/** Volumes that grow by themselves, after growths that a person asked for. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { persistentVolumeClaims } from '../../src/kube/resources.ts'
import { notedResize } from '../../src/volumes/resized-at.ts'
import { until } from '../support/until.ts'
import { DEADLINE_MS, GrowingVolumes } from './growing-volumes.ts'

suite('volumes that people and the operator grow', { concurrency: 4 }, () => {
  let volumes: GrowingVolumes

  before(async () => {
    volumes = await GrowingVolumes.open()
  })
  after(() => volumes[Symbol.asyncDispose]())

  test('a claim that a person enlarged stays as it is, and grows on from there after the cool-down', async () => {
    await volumes.create('by-hand', { size: '1000Gi', autoGrow: { maxSize: '4000Gi', coolDown: '48h' } })
    await volumes.base.untilRunning('by-hand', DEADLINE_MS)
    volumes.use('data-by-hand', 450, 1000)
    await volumes.untilReason('by-hand', 'VolumeGrowth', 'BelowThreshold')
    await volumes.request('data-by-hand', '2000Gi')
    await volumes.untilGrown('by-hand', 2000, 1700)
    const message = /is 85 % full.*; it last grew at .*Z, and grows from 2000Gi to 2400Gi at .*Z, after .*\(48h\)/
    await volumes.untilReason('by-hand', 'VolumeGrowth', 'CoolingDown', message)
    await volumes.untilReason('by-hand', 'SpecValid', 'Valid')
    assert.deepEqual(await volumes.sizesOf('data-by-hand'), {
      request: '2000Gi',
      capacity: '2000Gi',
      grownAt: undefined,
      growths: 0,
    })
    await volumes.change('by-hand', { autoGrow: { coolDown: '1m' } })
    await volumes.untilGrown('by-hand', 2400, 1700)
  })

  test('a size that a person raised counts for the cool-down, also where autoGrow comes later', async () => {
    await volumes.create('raised-before', { size: '1000Gi' })
    await volumes.base.untilRunning('raised-before', DEADLINE_MS)
    await volumes.change('raised-before', { size: '1500Gi' })
    await volumes.untilGrown('raised-before', 1500, 1400)
    await volumes.change('raised-before', { autoGrow: { maxSize: '4000Gi', coolDown: '48h' } })
    await volumes.untilReason('raised-before', 'VolumeGrowth', 'CoolingDown', /is 93 % full.*from 1500Gi to 1800Gi at/)
    assert.equal((await volumes.sizesOf('data-raised-before')).request, '1500Gi')
  })

  test('figures from before a growth that a person asked for lead to no other one, nor does a file system that did not grow', async () => {
    const time = new Date(Date.now() - 3_600_000).toISOString()
    await volumes.create('outdated', { autoGrow: { maxSize: '4000Gi', coolDown: '1m' } })
    await volumes.base.untilRunning('outdated', DEADLINE_MS)
    volumes.use('data-outdated', 790, 1000, { time })
    await volumes.untilReason('outdated', 'VolumeGrowth', 'BelowThreshold')
    await volumes.request('data-outdated', '2000Gi')
    await volumes.untilCapacity('data-outdated', '2000Gi')
    volumes.use('data-outdated', 810, 1000, { time })
    const message = /data-outdated grew to 2000Gi at .*Z, and its kubelet has not measured it since/
    await volumes.untilReason('outdated', 'VolumeGrowth', 'Growing', message)
    // The same, measured anew, is no news: nothing tells but the time.
    volumes.use('data-outdated', 810, 1000)
    await volumes.untilReason('outdated', 'VolumeGrowth', 'Growing', /still reports a file system of 1000 GiB/)
    assert.equal((await volumes.sizesOf('data-outdated')).request, '2000Gi')
    volumes.use('data-outdated', 1700, 2000)
    await volumes.untilGrown('outdated', 2400, 1700)
  })

  test('a later status write of the driver that is no resize makes no figures outdated', async () => {
    await volumes.create('rewritten', { size: '1000Gi', autoGrow: { maxSize: '4000Gi', coolDown: '1m' } })
    await volumes.base.untilRunning('rewritten', DEADLINE_MS)
    await volumes.request('data-rewritten', '2000Gi')
    await volumes.untilCapacity('data-rewritten', '2000Gi')
    const measured = (await notedAt('data-rewritten')) + 2000
    const time = new Date(measured).toISOString()
    volumes.use('data-rewritten', 1000, 1800, { time })
    await volumes.untilReason('rewritten', 'VolumeGrowth', 'BelowThreshold', /is 56 % full.*from 2000Gi to 2400Gi/)
    await until(
      'a status write after the kubelet measured the volume',
      async () => {
        await writeStatus('data-rewritten')
        return (await notedAt('data-rewritten')) > measured || undefined
      },
      { deadlineMs: DEADLINE_MS },
    )
    volumes.use('data-rewritten', 1500, 1800, { time })
    await volumes.untilGrown('rewritten', 2400, 1500)
  })

  /** Of another condition than those of a resize, as of a volume whose class was changed. */
  async function writeStatus(claim: string): Promise<void> {
    const at = new Date().toISOString()
    const condition = { type: 'ModifyingVolume', status: 'False', lastProbeTime: at, lastTransitionTime: at }
    const body = { status: { conditions: [condition] } }
    const options = { type: 'merge', subresource: 'status', fieldManager: 'csi-resizer' } as const
    await volumes.base.client.patch(persistentVolumeClaims, volumes.base.key(claim), body, options)
  }

  async function notedAt(claim: string): Promise<number> {
    const found = await volumes.base.get(persistentVolumeClaims, claim)
    return (found && notedResize(found)) ?? Number.NaN
  }
})
