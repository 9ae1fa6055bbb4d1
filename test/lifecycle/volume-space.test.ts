/** What a node says of the use of its volume, on an operator that asks the kubelet and whose time passes ten times as fast. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { type Sample, scrape, total } from '../../testing/metrics.ts'
import { seiNodes } from '../../src/api/resources.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { conditionOf, isReady, OperatorFixture } from '../support/operator-fixture.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { until } from '../support/until.ts'

const GIB = 1024 ** 3
/** Ten seconds of the operator's time are one of the machine's. */
const ARGS = ['--volume-interval=10', '--metrics-bind-address=127.0.0.1:0']
const CLOCK_RATE = 10

let fixture: OperatorFixture
/** One that accepts any certificate of a kubelet. */
let insecure: OperatorProcess

before(async () => {
  fixture = await OperatorFixture.open({
    node: { servesStats: true },
    operator: { args: ARGS, clockRate: CLOCK_RATE },
  })
  insecure = new OperatorProcess({
    kubeconfig: attachedControlPlane(process.env).operatorKubeconfigPath,
    namespaces: [fixture.namespace],
    args: [...ARGS, '--kubelet-insecure-tls'],
    clockRate: CLOCK_RATE,
  })
})
after(async () => {
  await insecure.stop()
  await fixture[Symbol.asyncDispose]()
})

function use(name: string, usedGiB: number, capacityGiB = 1000): void {
  const [usedBytes, capacityBytes] = [usedGiB * GIB, capacityGiB * GIB]
  fixture.node.setVolumeUse(fixture.key(`data-${name}`), { usedBytes, capacityBytes, inodesUsed: 5, inodes: 1000 })
}

function untilSpace(name: string, reason: string, message: RegExp): Promise<SeiNode> {
  return fixture.untilNode(name, `VolumeSpace ${reason} ${message}`, node => {
    const condition = conditionOf(node, 'VolumeSpace')
    return condition?.reason === reason && message.test(condition.message)
  })
}

async function samplesOf(name: string): Promise<readonly Sample[]> {
  return (await scrape(insecure.log)).filter(({ labels }) => labels['seinode'] === name)
}

async function fillingEvents(name: string): Promise<number> {
  return (await fixture.eventsOf(name)).filter(({ reason }) => reason === 'Filling').length
}

test('R8: a kubelet that is not verified gets no token, and the condition names the flag', async () => {
  await fixture.create('first')
  const node = await untilSpace('first', 'NotObserved', /self-signed certificate.*--kubelet-insecure-tls/)
  assert.equal(conditionOf(node, 'VolumeSpace')?.status, 'Unknown')
  assert.equal(node.status?.dataVolume?.use, undefined)
})

test('R8: a volume that fills says so in condition, event, status and metrics, and has enough space again when it is enlarged', async () => {
  await fixture.operator.kill()
  insecure.start()
  use('filling', 450)
  await fixture.create('filling')
  await fixture.untilRunning('filling')
  const enough = await untilSpace('filling', 'Enough', /data-filling is 45 % full \(450 of 1000 GiB\)$/)
  assert.equal(enough.status?.dataVolume?.use, '45%')

  use('filling', 910)
  const filling = await untilSpace(
    'filling',
    'Filling',
    /is 91 % full \(910 of 1000 GiB\)\. Raise spec\.storage\.size$/,
  )
  assert.equal(conditionOf(filling, 'VolumeSpace')?.status, 'False')
  assert.equal(filling.status?.dataVolume?.use, '90%')
  assert.ok(isReady(filling), 'Ready does not depend on it')
  const { type, message } = await fixture.untilEvent('filling', 'Filling')
  assert.deepEqual([type, message], ['Warning', conditionOf(filling, 'VolumeSpace')?.message])
  const samples = await samplesOf('filling')
  assert.equal(total(samples, 'sei_node_volume_used_bytes'), 910 * GIB)
  assert.equal(total(samples, 'sei_node_volume_capacity_bytes'), 1000 * GIB)

  use('filling', 910, 2000)
  const back = await untilSpace('filling', 'Enough', /is 46 % full \(910 of 2000 GiB\)$/)
  assert.equal(back.status?.dataVolume?.use, '45%')
  assert.equal(await fillingEvents('filling'), 1)
})

test('R8: a new operator, and figures of the same step, write nothing', async () => {
  use('filling', 920)
  const told = await untilSpace('filling', 'Filling', /92 % full/)
  await fixture.untilEvent('filling', 'Filling', /92 % full/)
  await insecure.restart()
  use('filling', 930)
  await until('the new operator to know the volume', async () => {
    const samples = await samplesOf('filling')
    return samples.some(({ name, value }) => name === 'sei_node_volume_used_bytes' && value === 930 * GIB) || undefined
  })
  const node = await fixture.get(seiNodes, 'filling')
  assert.ok(node)
  assert.deepEqual(conditionOf(node, 'VolumeSpace'), conditionOf(told, 'VolumeSpace'))
  assert.equal(await fillingEvents('filling'), 2)
})
