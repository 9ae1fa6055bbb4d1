/** Two of four validators hang, as if their machines had: `assertHaltReported`. */
import assert from 'node:assert/strict'
import { seiNodes } from '../../src/api/resources.ts'
import { conditionOf } from '../support/operator-fixture.ts'
import { untilNode } from './joining-nodes.ts'
import { isReady, NAMESPACE, type PoolFixture, say } from './pool-fixture.ts'
import { runToolPod, signalSeid } from './tool-pods.ts'

const MACHINE = { namespace: NAMESPACE, name: 'machine' }
/** From the last block to the status that says so. */
const REPORT_MS = 60_000

/** The chain halts and no node is Ready; when they go on, all are again. */
export async function assertHaltReported(pool: PoolFixture, nodes: readonly string[]): Promise<void> {
  const { cluster } = pool
  await runToolPod(cluster, { ...MACHINE, hostPID: true })
  const [running, hung] = [nodes.slice(0, 2), nodes.slice(2)]
  const uids = await Promise.all(hung.map(async node => (await pool.pod(node))?.metadata?.uid ?? ''))
  const stoppedAt = Date.now()
  for (const uid of uids) await signalSeid(cluster, MACHINE, uid, 'STOP')
  await Promise.all([
    ...running.map(node => untilReadyIs(pool, node, 'ChainHalted')),
    ...hung.map(node => untilReadyIs(pool, node, 'NoAnswer')),
  ])
  await pool.until(
    'Ready ChainHalted',
    found =>
      found?.status?.conditions?.some(({ type, reason }) => type === 'Ready' && reason === 'ChainHalted') === true,
  )
  const found = await Promise.all(nodes.map(name => cluster.client.get(seiNodes, { namespace: NAMESPACE, name })))
  const reportedAt = Math.max(
    ...found.map(node => Date.parse((node && conditionOf(node, 'Ready')?.lastTransitionTime) ?? '')),
  )
  say(`the halted chain was reported after ${((reportedAt - stoppedAt) / 1000).toFixed(0)} s`)
  assert.ok(reportedAt - stoppedAt <= REPORT_MS, `reported after ${reportedAt - stoppedAt} ms`)
  for (const uid of uids) await signalSeid(cluster, MACHINE, uid, 'CONT')
  await pool.until('Ready again', isReady)
  await cluster.kubectl(['delete', 'pod', `--namespace=${NAMESPACE}`, MACHINE.name, '--wait=false'])
}

async function untilReadyIs(pool: PoolFixture, node: string, reason: string): Promise<void> {
  await untilNode(pool, node, `Ready ${reason}`, found => conditionOf(found, 'Ready')?.reason === reason)
}
