/** Two nodes that name one claim which neither of them uses: one gets it, and the other says who has it. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { SeiNodeSpec } from '../../src/api/seinode.ts'
import { persistentVolumeClaims, statefulSets } from '../../src/kube/resources.ts'
import { conditionOf, GENESIS_SPEC, OperatorFixture } from '../support/operator-fixture.ts'

const naming = (dataPVC: string): SeiNodeSpec => ({ ...GENESIS_SPEC, genesis: { pvc: { dataPVC } } })

suite('a claim that two nodes name', { concurrency: 2 }, () => {
  let fixture: OperatorFixture
  before(async () => {
    fixture = await OperatorFixture.open()
  })
  after(() => fixture[Symbol.asyncDispose]())

  const untilValid = (name: string, reason: string) =>
    fixture.untilNode(name, reason, node => conditionOf(node, 'SpecValid')?.reason === reason)

  test('a missing one is created by the younger node, whose own it is, though an older one waits for it', async () => {
    await fixture.create('waiting', naming('data-maker'))
    await untilValid('waiting', 'DataVolumeNotFound')
    await fixture.create('maker')
    await fixture.untilRunning('maker')
    const refused = await untilValid('waiting', 'DataVolumeInUse')
    assert.match(conditionOf(refused, 'SpecValid')?.message ?? '', /data-maker is used by SeiNode maker/)
    assert.equal(await fixture.get(statefulSets, 'waiting'), undefined)
  })

  test('a prepared one goes to the node that names it, though an older one wants to make it', async () => {
    await fixture.client.create(persistentVolumeClaims, {
      metadata: fixture.key('data-older'),
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'gp3-10k-750',
        resources: { requests: { storage: '10Gi' } },
      },
    })
    await fixture.create('older')
    await fixture.untilNode('older', 'refused', node => conditionOf(node, 'Reconciling')?.reason === 'ForeignObject')
    await fixture.create('prepared', naming('data-older'))
    await fixture.untilNode('prepared', 'at work', node => node.status?.initPlan !== undefined)
    await untilValid('prepared', 'Valid')
    await untilValid('older', 'DataVolumeInUse')
    assert.equal(await fixture.get(statefulSets, 'older'), undefined)
  })
})
