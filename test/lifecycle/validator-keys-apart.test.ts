/** Two installs, each of some namespaces: they reserve keys each for itself, and what that let happen ends when they are one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { pods, statefulSets } from '../../src/kube/resources.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { until } from '../support/until.ts'
import { newKey } from '../support/validator-key.ts'
import { KeyFixture, validator } from './key-fixture.ts'

/** The namespace of the other install. */
const ELSEWHERE = 'kube-public'

test('two running nodes with one key: both say so, the one without the reservation goes to 0 replicas, and comes back', async () => {
  await using here = await KeyFixture.open()
  await using there = await KeyFixture.open({ operator: { args: [`--leader-election-namespace=${ELSEWHERE}`] } })
  const key = newKey()
  const place = (keys: KeyFixture) => keys.placeKey('key', key).then(() => keys.base.create('val', validator('key')))
  await Promise.all([place(here), place(there)])
  const [kept, rival] = await Promise.all([here.base.untilRunning('val'), there.base.untilRunning('val')])
  assert.equal(await here.holderOf(key.address), here.identity(kept))
  assert.equal(await here.holderOf(key.address, ELSEWHERE), there.identity(rival))

  await Promise.all([here.base.operator.kill(), there.base.operator.kill()])
  const both = new OperatorProcess({
    kubeconfig: attachedControlPlane(process.env).operatorKubeconfigPath,
    namespaces: [here.base.namespace, there.base.namespace],
  })
  try {
    both.start()
    for (const { base } of [here, there]) {
      assert.equal((await base.untilEvent('val', 'KeyConflict')).type, 'Warning')
    }
    const { message } = await there.untilReason('val', 'KeyInUse')
    assert.match(message, /Its StatefulSet stays at 0 replicas until then\./)
    await until('the rival to have no pod', async () => {
      const [set, pod] = await Promise.all([there.base.get(statefulSets, 'val'), there.base.get(pods, 'val-0')])
      return (set?.spec?.replicas === 0 && !pod) || undefined
    })
    assert.equal(await here.holderOf(key.address), here.identity(kept))
    await here.base.untilRunning('val')

    await here.deleteNode('val')
    await here.gone('val')
    const back = await there.base.untilRunning('val')
    assert.equal(await here.holderOf(key.address), there.identity(back))
  } catch (error) {
    throw new Error(both.log, { cause: error })
  } finally {
    await both.stop()
  }
})
