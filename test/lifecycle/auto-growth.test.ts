/** Volumes that grow before they are full, as `spec.storage.autoGrow` says. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { FILE_SYSTEM_GROWTH, MAXIMUM_SIZE } from '../../testing/fakes/node/volume-binding.ts'
import { scrape, total } from '../../testing/metrics.ts'
import { pods, storageClasses } from '../../src/kube/resources.ts'
import { tryKubectl } from '../../testing/kubectl.ts'
import { installPolicy } from '../support/admission-policies.ts'
import { conditionOf, GENESIS_SPEC } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'
import { DEADLINE_MS, GrowingVolumes } from './growing-volumes.ts'

const sizeIn = (of: string): string => `quantity(string(${of}.spec.resources.requests.storage))`
const GROWS = { size: '1000Gi', autoGrow: { maxSize: '4000Gi' } }

suite('volumes that grow by themselves', { concurrency: 16 }, () => {
  let volumes: GrowingVolumes

  before(async () => {
    volumes = await GrowingVolumes.open()
  })
  after(() => volumes[Symbol.asyncDispose]())

  test('a volume that crosses 80 % grows by 20 %: condition, event, status and metric say so, and the spec stays', async () => {
    await volumes.create('crosses', GROWS)
    await volumes.base.untilRunning('crosses', DEADLINE_MS)
    volumes.use('data-crosses', 450, 1000)
    await volumes.untilReason(
      'crosses',
      'VolumeGrowth',
      'BelowThreshold',
      /data-crosses is 45 % full \(450 of 1000 GiB\); it grows from 1000Gi to 1200Gi when 80 % are in use$/,
    )
    volumes.use('data-crosses', 810, 1000)
    const { request, growths } = await volumes.untilGrown('crosses', 1200, 810)
    assert.deepEqual([request, growths], ['1200Gi', 1])
    const event = await volumes.base.untilEvent('crosses', 'VolumeGrowing')
    assert.equal(event.type, 'Normal')
    const grown = await volumes.untilReason(
      'crosses',
      'VolumeGrowth',
      'BelowThreshold',
      /is 68 % full \(810 of 1200 GiB\); it grows from 1200Gi to 1440Gi/,
    )
    assert.deepEqual([grown.spec.storage?.size, grown.status?.dataVolume?.growths], ['1000Gi', 1])
    await volumes.untilReason('crosses', 'SpecValid', 'Valid')
    const samples = (await scrape(volumes.base.operator.log)).filter(({ labels }) => labels['seinode'] === 'crosses')
    assert.equal(total(samples, 'sei_node_volume_growths_total'), 1)
  })

  test('`by` may be a quantity, the inodes count too, and a spec without a size keeps what was grown', async () => {
    await volumes.create('inodes', { autoGrow: { maxSize: '4Ti', by: '500Gi', whenUsedPercent: 60 } })
    await volumes.base.untilRunning('inodes', DEADLINE_MS)
    volumes.use('data-inodes', 100, 1000, { inodesUsed: 610 })
    await volumes.untilCapacity('data-inodes', '1500Gi')
    volumes.use('data-inodes', 100, 1500, { inodesUsed: 610 })
    await volumes.untilReason('inodes', 'VolumeGrowth', 'CoolingDown', /61 % of its inodes.*from 1500Gi to 2000Gi at/)
    await volumes.base.patch('inodes', { spec: { storage: { retainOnDelete: true } } })
    await volumes.untilReason('inodes', 'VolumeGrowth', 'CoolingDown')
    assert.equal((await volumes.sizesOf('data-inodes')).request, '1500Gi')
  })

  test('it never grows above maxSize, which is told as soon as it is reached; a higher one lets it grow on', async () => {
    const autoGrow = { maxSize: '1100Gi', coolDown: '1m' }
    await volumes.create('limited', { size: '1000Gi', autoGrow })
    await volumes.base.untilRunning('limited', DEADLINE_MS)
    volumes.use('data-limited', 900, 1000)
    await volumes.untilGrown('limited', 1100, 1050)
    const message = /data-limited has 1100Gi, and does not grow above spec\.storage\.autoGrow\.maxSize \(1100Gi\)/
    await volumes.untilReason('limited', 'VolumeGrowth', 'MaxSizeReached', message)
    const event = await volumes.base.untilEvent('limited', 'MaxSizeReached')
    assert.equal(event.type, 'Warning')
    await volumes.change('limited', { autoGrow: { maxSize: '1200Gi' } })
    await volumes.untilGrown('limited', 1200, 1050)
    const { request, growths } = await volumes.sizesOf('data-limited')
    assert.deepEqual([request, growths], ['1200Gi', 2])
  })

  test('a second growth waits for the cool-down, and the condition says until when', async () => {
    await volumes.create('cools', { size: '1000Gi', autoGrow: { maxSize: '4000Gi', coolDown: '48h' } })
    await volumes.base.untilRunning('cools', DEADLINE_MS)
    volumes.use('data-cools', 800, 1000)
    const first = await volumes.untilGrown('cools', 1200, 1180)
    await volumes.untilReason(
      'cools',
      'VolumeGrowth',
      'CoolingDown',
      /is 98 % full.*from 1200Gi to 1440Gi at .*Z, after spec\.storage\.autoGrow\.coolDown \(48h\)/,
    )
    await volumes.change('cools', { autoGrow: { coolDown: '2m' } })
    const second = await volumes.untilGrown('cools', 1440, 1180)
    assert.ok(Date.parse(second.grownAt ?? '') - Date.parse(first.grownAt ?? '') >= 120_000, JSON.stringify(second))
    assert.equal(second.growths, 2)
    const known = (await volumes.base.eventsOf('cools')).filter(({ reason }) => reason === 'VolumeGrowing')
    assert.ok(known.length >= 1)
  })

  test('nothing more is asked for while a growth is under way', async () => {
    const storageClassName = await volumes.createClass('slow', { parameters: { [FILE_SYSTEM_GROWTH]: 'on-mount' } })
    await volumes.create('slow', { ...GROWS, storageClassName, autoGrow: { maxSize: '4000Gi', coolDown: '1m' } })
    await volumes.base.untilRunning('slow', DEADLINE_MS)
    volumes.use('data-slow', 810, 1000)
    await volumes.untilReason(
      'slow',
      'VolumeGrowth',
      'Growing',
      /is 81 % full.*was asked for 1200Gi and has 1000Gi: .*It grows again at .*Z at the earliest$/,
    )
    volumes.use('data-slow', 1000, 1000)
    await volumes.untilReason('slow', 'VolumeSpace', 'Filling', /is 100 % full/)
    await volumes.untilReason('slow', 'VolumeGrowth', 'Growing', /is 100 % full/)
    assert.equal((await volumes.sizesOf('data-slow')).request, '1200Gi')
    // The kubelet's statistics follow later.
    await volumes.mountAgain('data-slow', '1200Gi')
    await volumes.untilReason('slow', 'VolumeGrowth', 'Growing', /its kubelet still reports a file system of 1000 GiB/)
    assert.equal((await volumes.sizesOf('data-slow')).growths, 1)
    volumes.use('data-slow', 1000, 1200)
    await volumes.untilRequest('data-slow', '1440Gi')
  })

  test('a seid that stops because the disk is full runs again: the volume grows while it is in its crash loop', async () => {
    await volumes.create('full', GROWS)
    await volumes.base.untilRunning('full', DEADLINE_MS)
    volumes.full.add('full')
    volumes.base.node.killSeid(volumes.base.podKey('full'))
    volumes.use('data-full', 1000, 1000)
    await volumes.untilGrown('full', 1200, 1000)
    volumes.full.delete('full')
    const pod = await volumes.base.client.get(pods, volumes.base.podKey('full'))
    await volumes.base.untilRunning('full', DEADLINE_MS)
    assert.equal((await volumes.base.client.get(pods, volumes.base.podKey('full')))?.metadata?.uid, pod?.metadata?.uid)
  })

  test('a class that allows no growth is told before the volume is bound, and the volume grows when it does', async () => {
    const storageClassName = await volumes.createClass('stiff', { allowVolumeExpansion: false })
    await volumes.create('stiff', { ...GROWS, storageClassName })
    const message = new RegExp(`StorageClass ${storageClassName} does not let volumes grow`)
    await volumes.untilReason('stiff', 'VolumeGrowth', 'GrowthNotAllowed', message)
    await volumes.base.untilEvent('stiff', 'GrowthNotAllowed', message)
    await volumes.base.untilRunning('stiff', DEADLINE_MS)
    volumes.use('data-stiff', 900, 1000)
    await volumes.untilReason(
      'stiff',
      'VolumeSpace',
      'Filling',
      /The condition VolumeGrowth says when the volume grows/,
    )
    assert.equal((await volumes.sizesOf('data-stiff')).growths, 0)
    const body = { allowVolumeExpansion: true }
    await volumes.base.client.patch(storageClasses, { name: storageClassName }, body, { type: 'merge' })
    await volumes.untilGrown('stiff', 1200, 900)
  })

  test('a growth that the driver cannot do is told in its words and not repeated; a lower maxSize takes it back', async () => {
    const storageClassName = await volumes.createClass('small', { parameters: { [MAXIMUM_SIZE]: '1100Gi' } })
    await volumes.create('small', { ...GROWS, storageClassName, autoGrow: { maxSize: '4000Gi', coolDown: '1m' } })
    await volumes.base.untilRunning('small', DEADLINE_MS)
    volumes.use('data-small', 850, 1000)
    await volumes.untilReason(
      'small',
      'VolumeGrowth',
      'GrowthFailed',
      /asked for 1200Gi and has 1000Gi: .*is too large/,
    )
    await volumes.untilReason('small', 'SpecValid', 'ExpansionFailed', /is too large/)
    await volumes.base.untilEvent('small', 'ExpansionFailed')
    volumes.use('data-small', 990, 1000)
    await volumes.untilReason('small', 'VolumeSpace', 'Filling', /is 99 % full/)
    const { request, growths } = await volumes.sizesOf('data-small')
    assert.deepEqual([request, growths], ['1200Gi', 1])
    await volumes.change('small', { autoGrow: { maxSize: '1100Gi' } })
    await volumes.untilGrown('small', 1100, 990)
    await volumes.untilReason('small', 'SpecValid', 'Valid')
    await volumes.untilReason('small', 'VolumeGrowth', 'MaxSizeReached')
  })

  test('a lower maxSize takes a growth under way back to the least that the API server accepts', async () => {
    const storageClassName = await volumes.createClass('dear', { parameters: { [MAXIMUM_SIZE]: '1100Gi' } })
    await volumes.create('dear', { ...GROWS, storageClassName })
    await volumes.base.untilRunning('dear', DEADLINE_MS)
    volumes.use('data-dear', 850, 1000)
    await volumes.untilReason('dear', 'VolumeGrowth', 'GrowthFailed')
    await assert.rejects(volumes.request('data-dear', '1000Gi'), /less than status.capacity/)
    await volumes.change('dear', { autoGrow: { maxSize: '1000Gi' } })
    await volumes.untilGrown('dear', 1001, 850)
    const message = /data-dear has 1001Gi, and does not grow above spec\.storage\.autoGrow\.maxSize \(1000Gi\)/
    await volumes.untilReason('dear', 'VolumeGrowth', 'MaxSizeReached', message)
    await volumes.untilReason('dear', 'SpecValid', 'Valid')
    assert.equal((await volumes.sizesOf('data-dear')).request, '1001Gi')
  })

  test('a failed growth is taken back by a size that the driver can give, and the claim follows the spec again', async () => {
    const storageClassName = await volumes.createClass('reverted', { parameters: { [MAXIMUM_SIZE]: '1100Gi' } })
    await volumes.create('reverted', { ...GROWS, storageClassName })
    await volumes.base.untilRunning('reverted', DEADLINE_MS)
    volumes.use('data-reverted', 850, 1000)
    await volumes.untilReason('reverted', 'VolumeGrowth', 'GrowthFailed')
    await volumes.change('reverted', { size: '1050Gi' })
    await volumes.untilGrown('reverted', 1050, 850)
    await volumes.untilReason('reverted', 'SpecValid', 'Valid')
    await volumes.untilReason('reverted', 'VolumeGrowth', 'CoolingDown', /from 1050Gi to 1260Gi/)
    assert.equal((await volumes.sizesOf('data-reverted')).request, '1050Gi')
  })

  test('a larger size of the spec wins, also while a growth is under way, and the same manifest again changes nothing', async () => {
    const storageClassName = await volumes.createClass('raised', { parameters: { [FILE_SYSTEM_GROWTH]: 'on-mount' } })
    await volumes.create('raised', { ...GROWS, storageClassName })
    await volumes.base.untilRunning('raised', DEADLINE_MS)
    volumes.use('data-raised', 810, 1000)
    await volumes.untilRequest('data-raised', '1200Gi')
    await volumes.change('raised', { size: '1300Gi' })
    await volumes.untilRequest('data-raised', '1300Gi')
    await volumes.mountAgain('data-raised', '1300Gi')
    volumes.use('data-raised', 810, 1300)
    await volumes.untilReason('raised', 'VolumeGrowth', 'BelowThreshold', /from 1300Gi to 1560Gi/)
    await volumes.untilReason('raised', 'SpecValid', 'Valid')
    assert.equal((await volumes.sizesOf('data-raised')).request, '1300Gi')
  })

  test('GitOps that applies the manifest again and again does not take a growth back, nor does a spec without autoGrow', async () => {
    await volumes.create('gitops', GROWS)
    await volumes.base.untilRunning('gitops', DEADLINE_MS)
    volumes.use('data-gitops', 850, 1000)
    await volumes.untilGrown('gitops', 1200, 850)
    await volumes.untilReason('gitops', 'VolumeGrowth', 'BelowThreshold')
    const manifest = { apiVersion: 'sei.io/v1alpha1', kind: 'SeiNode', metadata: volumes.base.key('gitops') }
    const storage = { ...GROWS, retainOnDelete: true }
    const text = JSON.stringify({ ...manifest, spec: { ...GENESIS_SPEC, storage } })
    const { stderr } = await tryKubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { stdin: text })
    assert.equal(stderr, '')
    await volumes.untilReason('gitops', 'VolumeGrowth', 'BelowThreshold')
    await volumes.untilReason('gitops', 'SpecValid', 'Valid')
    await volumes.change('gitops', { autoGrow: null })
    const node = await volumes.untilReason('gitops', 'SpecValid', 'Valid')
    assert.equal(conditionOf(node, 'VolumeGrowth'), undefined)
    assert.equal((await volumes.sizesOf('data-gitops')).request, '1200Gi')
  })

  test('a paused node does not grow, says so, and grows when it is resumed', async () => {
    await volumes.create('paused', GROWS)
    await volumes.base.untilRunning('paused', DEADLINE_MS)
    await volumes.base.patch('paused', { spec: { paused: true } })
    await volumes.untilReason('paused', 'VolumeGrowth', 'NotChecked')
    volumes.use('data-paused', 950, 1000)
    await volumes.untilReason('paused', 'VolumeSpace', 'Filling')
    assert.equal((await volumes.sizesOf('data-paused')).growths, 0)
    await volumes.base.patch('paused', { spec: { paused: false } })
    await volumes.untilGrown('paused', 1200, 950)
  })

  test('an API server that refuses the growth is quoted, nothing is on record, and the growth follows when it does not', async () => {
    await volumes.create('refused', GROWS)
    await volumes.base.untilRunning('refused', DEADLINE_MS)
    const lift = await forbidGrowth('data-refused')
    volumes.use('data-refused', 850, 1000)
    await volumes.untilReason(
      'refused',
      'VolumeGrowth',
      'GrowthRefused',
      /refuses that it grows from 1000Gi to 1200Gi: .*no more/,
    )
    await volumes.untilReason(
      'refused',
      'SpecValid',
      'ResizeRefused',
      /spec\.storage\.autoGrow asks for 1200Gi.*no more/,
    )
    await volumes.base.untilEvent('refused', 'ResizeRefused')
    assert.equal((await volumes.sizesOf('data-refused')).grownAt, undefined)
    await lift()
    await volumes.untilGrown('refused', 1200, 850)
    await volumes.untilReason('refused', 'SpecValid', 'Valid')
  })

  test('a volume that was kept does not have to be shrunk for the next node of its name', async () => {
    const kept = { ...GROWS, retainOnDelete: true }
    await volumes.create('kept', kept)
    await volumes.base.untilRunning('kept', DEADLINE_MS)
    volumes.use('data-kept', 850, 1000)
    await volumes.untilGrown('kept', 1200, 850)
    await volumes.untilReason('kept', 'VolumeGrowth', 'BelowThreshold')
    const { stderr } = await tryKubectl(['delete', 'seinode', '-n', volumes.base.namespace, 'kept'])
    assert.equal(stderr, '')
    await volumes.create('kept', kept)
    await volumes.base.untilRunning('kept', DEADLINE_MS)
    await volumes.untilReason('kept', 'SpecValid', 'Valid')
    await volumes.untilReason('kept', 'VolumeGrowth', 'BelowThreshold', /from 1200Gi to 1440Gi/)
  })

  /** @returns what takes the policy away */
  async function forbidGrowth(claim: string): Promise<() => Promise<void>> {
    const { namespace } = volumes.base
    const rule = {
      apiGroups: [''],
      apiVersions: ['v1'],
      operations: ['UPDATE'],
      resources: ['persistentvolumeclaims'],
      resourceNames: [claim],
    }
    const expression = `!${sizeIn('object')}.isGreaterThan(${sizeIn('oldObject')})`
    const validations = [{ expression, message: 'no more storage', reason: 'Forbidden' }]
    const name = `${namespace}-${claim}`
    const spec = { matchConstraints: { resourceRules: [rule] }, validations }
    const kind = 'ValidatingAdmissionPolicy'
    await installPolicy({ kind, name, namespace, spec, binding: { validationActions: ['Deny'] } })
    const patch = '--patch={"spec":{"resources":{"requests":{"storage":"1001Gi"}}}}'
    await until('the policy to be in force', async () => {
      const { stderr } = await tryKubectl(['patch', 'pvc', '-n', namespace, claim, '--dry-run=server', patch])
      return stderr.includes('no more storage') || undefined
    })
    return async () => {
      await tryKubectl(['delete', `${kind}Binding`, name])
      await tryKubectl(['delete', kind, name])
    }
  }
})
