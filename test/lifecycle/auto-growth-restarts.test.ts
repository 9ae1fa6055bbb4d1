/** Volumes that grow by themselves under an operator that restarts, and one that is killed at each of its writes. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { persistentVolumeClaims, pods } from '../../src/kube/resources.ts'
import { concerns } from '../support/api-call.ts'
import { Killer } from '../support/killer.ts'
import { NamespaceView } from '../support/namespace-view.ts'
import { until } from '../support/until.ts'
import { CLOCK_RATE, DEADLINE_MS, GrowingVolumes, KUBELET_ARGS } from './growing-volumes.ts'

suite('volumes that grow under an operator that restarts', { concurrency: 3 }, () => {
  test('the cool-down holds over a restart of the operator', async () => {
    await using volumes = await GrowingVolumes.open()
    const { base } = volumes
    await volumes.create('node', { size: '1000Gi', autoGrow: { maxSize: '4000Gi', coolDown: '48h' } })
    await base.untilRunning('node', DEADLINE_MS)
    volumes.use('data-node', 900, 1000)
    const first = await volumes.untilGrown('node', 1200, 1100)
    await volumes.untilReason('node', 'VolumeGrowth', 'CoolingDown', /is 92 % full/)
    await base.operator.restart()
    await volumes.change('node', { autoGrow: { coolDown: '24h' } })
    await volumes.untilReason('node', 'VolumeGrowth', 'CoolingDown', /is 92 % full/)
    assert.deepEqual(await volumes.sizesOf('data-node'), { ...first, capacity: '1200Gi' })
    await volumes.change('node', { autoGrow: { coolDown: '1m' } })
    const second = await volumes.untilGrown('node', 1440, 1100)
    await volumes.untilReason('node', 'VolumeGrowth', 'BelowThreshold', /is 76 % full/)
    assert.ok(Date.parse(second.grownAt ?? '') - Date.parse(first.grownAt ?? '') >= 60_000)
    assert.equal(second.growths, 2)
  })

  test('a node whose pod fits nowhere grows by what an earlier operator knew of its volume', async () => {
    await using volumes = await GrowingVolumes.open()
    const { base } = volumes
    await volumes.create('node', { size: '1000Gi', autoGrow: { maxSize: '4000Gi', whenUsedPercent: 95 } })
    await base.untilRunning('node', DEADLINE_MS)
    volumes.use('data-node', 910, 1000)
    await volumes.untilReason('node', 'VolumeGrowth', 'BelowThreshold', /is 91 % full/)
    await base.patch('node', { spec: { resources: { requests: { cpu: '100000' } } } })
    await until(
      'the pod to be on no machine',
      async () => {
        const pod = await base.client.get(pods, base.podKey('node'))
        return (pod?.metadata?.deletionTimestamp === undefined && pod && pod.spec?.nodeName === undefined) || undefined
      },
      { deadlineMs: 120_000, found: () => base.client.get(pods, base.podKey('node')) },
    )
    await base.operator.kill()
    await volumes.change('node', { autoGrow: { whenUsedPercent: 90 } })
    base.operator.start()
    await volumes.untilCapacity('data-node', '1200Gi')
    await volumes.untilReason(
      'node',
      'VolumeGrowth',
      'Growing',
      /No pod mounts it, so nothing newer is known than a file system of 1000 GiB/,
    )
    assert.equal((await volumes.sizesOf('data-node')).growths, 1)
  })

  test('killed at each write of a growth: it grows once, to the same size, and the record is complete', async () => {
    let target = ''
    await using killer = await Killer.start(call => target !== '' && concerns(call, target))
    const operator = { kubeconfig: killer.kubeconfigPath, args: KUBELET_ARGS, clockRate: CLOCK_RATE }
    await using volumes = await GrowingVolumes.open({ operator })
    const { base } = volumes
    killer.operator = base.operator
    await using view = await NamespaceView.open(base.client, base.namespace)
    const struck: string[] = []
    for (let attempt = 1; attempt <= struck.length + 1; attempt++) {
      const name = `node-${attempt}`
      await volumes.create(name, { size: '1000Gi', autoGrow: { maxSize: '4000Gi' } })
      await base.untilRunning(name, DEADLINE_MS)
      volumes.use(`data-${name}`, 450, 1000)
      await volumes.untilReason(name, 'VolumeGrowth', 'BelowThreshold', /is 45 % full/)
      target = name
      killer.arm(attempt)
      volumes.use(`data-${name}`, 850, 1000)
      await volumes.untilGrown(name, 1200, 850)
      const node = await volumes.untilReason(name, 'VolumeGrowth', 'BelowThreshold', /from 1200Gi to 1440Gi/)
      struck.push(...(await killer.disarm()))
      target = ''
      const { request, growths, grownAt } = await volumes.sizesOf(`data-${name}`)
      assert.deepEqual([request, growths], ['1200Gi', 1], struck.at(-1))
      assert.equal(node.status?.dataVolume?.grownAt, grownAt)
      assert.deepEqual(await requestsOf(view, `data-${name}`, '1200Gi'), ['1000Gi', '1200Gi'], struck.at(-1))
    }
    // The claim, and the statuses before and after it.
    assert.ok(struck.length >= 2, struck.join(', '))
    assert.ok(
      struck.some(write => write.includes('persistentvolumeclaims')),
      struck.join(', '),
    )
  })
})

/** What the claim has asked for, in this order, up to `last`. */
async function requestsOf(view: NamespaceView, claim: string, last: string): Promise<readonly unknown[]> {
  const seen = (): readonly unknown[] =>
    view
      .historyOf(claim)
      .flatMap(({ object }) => (isClaim(object) ? [object.spec?.resources?.requests?.['storage']] : []))
  await until(`${claim} to be seen with ${last}`, () => seen().includes(last) || undefined)
  return [...new Set(seen())]
}

function isClaim(object: object): object is { spec?: { resources?: { requests?: Record<string, string> } } } {
  return 'kind' in object && object.kind === persistentVolumeClaims.kind
}
