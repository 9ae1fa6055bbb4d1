/** Data volumes of a pool that grow before they are full: the pool owns their claims, its SeiNodes say how full they are. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { MAXIMUM_SIZE } from '../../testing/fakes/node/volume-binding.ts'
import { persistentVolumeClaims, storageClasses } from '../../src/kube/resources.ts'
import type { SeiNodePool } from '../../src/api/seinodepool.ts'
import { until } from '../support/until.ts'
import { PoolFixture, poolCondition } from './pool-fixture.ts'

const GIB = 1024 ** 3
const STORAGE = { size: '1000Gi', autoGrow: { maxSize: '4000Gi', whenUsedPercent: 80, by: '20%', coolDown: '1m' } }

suite('volumes of pools that grow by themselves', { concurrency: 4 }, () => {
  let fixture: PoolFixture

  before(async () => {
    fixture = await PoolFixture.open({
      node: { servesStats: true },
      operator: { args: ['--volume-interval=10', '--kubelet-insecure-tls'], clockRate: 6 },
    })
  })
  after(() => fixture[Symbol.asyncDispose]())

  test('the volume of one node grows, the others stay; the SeiNode has the event, the pool the condition', async () => {
    await fixture.create('grows', 2, { chainId: 'grows-1', storage: STORAGE })
    await untilNodes('grows', 2)
    use('data-grows-0', 500, 1000)
    use('data-grows-1', 850, 1000)
    await untilRequest('data-grows-1', '1200Gi')
    use('data-grows-1', 850, 1200)
    await fixture.base.untilEvent('grows-1', 'VolumeGrowing')
    const below = await untilGrowth('grows', 'BelowThreshold', /data-grows-1 is 71 % full/)
    assert.equal(below.spec.storage?.size, '1000Gi')
    assert.equal((await fixture.seiNode('grows-1')).status?.dataVolume?.growths, 1)
    assert.equal(await requestOf('data-grows-0'), '1000Gi')
    await fixture.untilReason('grows', 'SpecValid', 'Valid')
  })

  test('maxSize holds for each volume, and its end is told with a warning; a paused pool grows none', async () => {
    const storage = { ...STORAGE, autoGrow: { ...STORAGE.autoGrow, maxSize: '1100Gi' } }
    await fixture.create('ends', 1, { chainId: 'ends-1', storage })
    await untilNodes('ends', 1)
    use('data-ends-0', 990, 1000)
    await untilRequest('data-ends-0', '1100Gi')
    use('data-ends-0', 1090, 1100)
    await untilGrowth('ends', 'MaxSizeReached', /data-ends-0 has 1100Gi, and does not grow above/)
    await fixture.untilEvent('ends', 'MaxSizeReached')
    await fixture.patch('ends', { spec: { paused: true, storage: { autoGrow: { maxSize: '2000Gi' } } } })
    await untilGrowth('ends', 'NotChecked')
    assert.equal(await requestOf('data-ends-0'), '1100Gi')
    await fixture.patch('ends', { spec: { paused: false } })
    await untilRequest('data-ends-0', '1320Gi')
  })

  test('a driver that cannot grow a volume is quoted, and the growth is not repeated; a lower maxSize takes it back', async () => {
    const name = await createClass('small', { parameters: { [MAXIMUM_SIZE]: '1100Gi' } })
    await fixture.create('small', 1, { chainId: 'small-1', storage: { ...STORAGE, storageClassName: name } })
    await untilNodes('small', 1)
    use('data-small-0', 900, 1000)
    await untilGrowth('small', 'GrowthFailed', /data-small-0 was asked for 1200Gi and has 1000Gi: .*is too large/)
    await fixture.untilEvent('small', 'ExpansionFailed')
    assert.equal(await requestOf('data-small-0'), '1200Gi')
    await fixture.patch('small', { spec: { storage: { autoGrow: { maxSize: '1100Gi' } } } })
    await untilRequest('data-small-0', '1100Gi')
    await fixture.untilReason('small', 'SpecValid', 'Valid')
  })

  test('a class that allows no growth is told before any volume is full', async () => {
    const name = await createClass('stiff', { allowVolumeExpansion: false })
    await fixture.create('stiff', 1, { chainId: 'stiff-1', storage: { ...STORAGE, storageClassName: name } })
    await untilGrowth('stiff', 'GrowthNotAllowed', new RegExp(`data-stiff-0 cannot grow: StorageClass ${name}`))
    await fixture.untilEvent('stiff', 'GrowthNotAllowed')
  })

  function use(claim: string, usedGiB: number, capacityGiB: number): void {
    const [usedBytes, capacityBytes] = [usedGiB * GIB, capacityGiB * GIB]
    fixture.node.setVolumeUse(fixture.base.key(claim), { usedBytes, capacityBytes, inodesUsed: 5, inodes: 1000 })
  }

  /** Two validators alone make no blocks, and need none here. */
  async function untilNodes(pool: string, count: number): Promise<void> {
    await fixture.until(pool, 'to have its nodes', ({ status }) => {
      return status?.nodes?.filter(({ phase }) => phase === 'Running').length === count
    })
  }

  function untilGrowth(pool: string, reason: string, message = /./): Promise<SeiNodePool> {
    return fixture.until(pool, `VolumeGrowth ${reason} ${message}`, each => {
      const found = poolCondition(each, 'VolumeGrowth')
      return found?.reason === reason && message.test(found.message)
    })
  }

  async function requestOf(claim: string): Promise<string | undefined> {
    return (await fixture.base.get(persistentVolumeClaims, claim))?.spec?.resources?.requests?.['storage']
  }

  async function untilRequest(claim: string, size: string): Promise<void> {
    await until(
      `claim ${claim} to ask for ${size}`,
      async () => ((await requestOf(claim)) === size ? true : undefined),
      { deadlineMs: 120_000, found: () => fixture.base.get(persistentVolumeClaims, claim) },
    )
  }

  async function createClass(name: string, settings: object): Promise<string> {
    const metadata = { name: `${fixture.base.namespace}-${name}` }
    const object = { metadata, provisioner: 'sei.io/fake', allowVolumeExpansion: true, ...settings }
    await fixture.client.create(storageClasses, object)
    return metadata.name
  }
})
