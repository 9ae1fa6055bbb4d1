/** Nodes that are as they should be cost the API server nothing. */
import assert from 'node:assert/strict'
import { setTimeout as passes } from 'node:timers/promises'
import { test } from 'node:test'
import { readAuditLog, type AuditedRequest } from '../../devcluster/bench/audit-log.ts'
import { USERS } from '../../devcluster/controlplane/credentials.ts'
import { attachedControlPlane } from '../../devcluster/controlplane/environment.ts'
import { untilAllRunning } from '../support/all-running.ts'
import { OperatorStage } from '../support/operator-stage.ts'
import { until } from '../support/until.ts'

const NODES = 50
const QUIET_MS = 60_000
/** Long enough for the last echo of what came before to have been answered. */
const SETTLED_MS = 3_000

test(`failure mode 22: ${NODES} Running nodes take no request but watches for a minute`, async () => {
  await using stage = await OperatorStage.open()
  await Promise.all(Array.from({ length: NODES }, (_, i) => stage.create(`node-${i}`)))
  await untilAllRunning(stage, NODES)

  const before = await requestsOf(stage)
  assert.ok(before.length > NODES, 'the audit log holds what the operator did so far')
  await until(
    'the operator to be done',
    async () => {
      const last = Math.max(...(await requestsOf(stage)).map(({ receivedAt }) => receivedAt))
      return Date.now() - last > SETTLED_MS ? true : undefined
    },
    { intervalMs: 500 },
  )
  const from = Date.now()
  await passes(QUIET_MS)
  const later = (await requestsOf(stage)).filter(({ receivedAt }) => receivedAt >= from)
  assert.deepEqual(later, [], stage.operator.log)
})

/** Requests of the operator in the namespace of the stage, answered, but for watches. */
async function requestsOf({ namespace }: OperatorStage): Promise<readonly AuditedRequest[]> {
  const { auditLogPath } = attachedControlPlane(process.env)
  const all = await readAuditLog(auditLogPath, USERS.operator.name)
  return all.filter(request => request.namespace === namespace && request.verb !== 'watch')
}
