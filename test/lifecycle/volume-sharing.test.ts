/** Two nodes that name one claim which neither of them uses: one gets it, and the other says who has it. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { SeiNodeSpec } from '../../src/api/seinode.ts'
import { persistentVolumeClaims, statefulSets } from '../../src/kube/resources.ts'
import { conditionOf, GENESIS_SPEC, OperatorStage } from '../support/operator-stage.ts'

const naming = (dataPVC: string): SeiNodeSpec => ({ ...GENESIS_SPEC, genesis: { pvc: { dataPVC } } })

suite('a claim that two nodes name', { concurrency: 2 }, () => {
  let stage: OperatorStage
  before(async () => {
    stage = await OperatorStage.open()
  })
  after(() => stage[Symbol.asyncDispose]())

  const untilValid = (name: string, reason: string) =>
    stage.untilNode(name, reason, node => conditionOf(node, 'SpecValid')?.reason === reason)

  test('one that is missing is made by the younger node, whose own it is, though an older one waits for it', async () => {
    await stage.create('waiting', naming('data-maker'))
    await untilValid('waiting', 'DataVolumeNotFound')
    await stage.create('maker')
    await stage.untilRunning('maker')
    const refused = await untilValid('waiting', 'DataVolumeInUse')
    assert.match(conditionOf(refused, 'SpecValid')?.message ?? '', /data-maker is used by SeiNode maker/)
    assert.equal(await stage.get(statefulSets, 'waiting'), undefined)
  })

  test('one that somebody prepared goes to the node that names it, though an older one wants to make it', async () => {
    await stage.client.create(persistentVolumeClaims, {
      metadata: stage.key('data-older'),
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'gp3-10k-750',
        resources: { requests: { storage: '10Gi' } },
      },
    })
    await stage.create('older')
    await stage.untilNode('older', 'refused', node => conditionOf(node, 'Progressing')?.reason === 'ForeignObject')
    await stage.create('prepared', naming('data-older'))
    await stage.untilNode('prepared', 'at work', node => node.status?.initPlan !== undefined)
    await untilValid('prepared', 'Valid')
    await untilValid('older', 'DataVolumeInUse')
    assert.equal(await stage.get(statefulSets, 'older'), undefined)
  })
})
