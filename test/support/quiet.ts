/** What an operator asks of the API server, from the audit log: `requestsOf`, and `assertQuiet`, that it asks nothing any more. */
import assert from 'node:assert/strict'
import { setTimeout as passes } from 'node:timers/promises'
import { readAuditLog, type AuditedRequest } from '../../testing/audit-log.ts'
import { USERS } from '../../testing/controlplane/credentials.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import type { OperatorStage } from './operator-stage.ts'
import { until } from './until.ts'

/** Long enough for the last echo of what came before to have been answered. */
const SETTLED_MS = 3_000

/** Requests of the operator in the namespace of the stage, answered, but for watches. */
export async function requestsOf({ namespace }: OperatorStage): Promise<readonly AuditedRequest[]> {
  const { auditLogPath } = attachedControlPlane(process.env)
  const all = await readAuditLog(auditLogPath, USERS.operator.name)
  return all.filter(request => request.namespace === namespace && request.verb !== 'watch')
}

/** Waits until the operator is done, and then for as long as it is to ask nothing. */
export async function assertQuiet(stage: OperatorStage, ms: number): Promise<void> {
  await until(
    'the operator to be done',
    async () => {
      const last = Math.max(...(await requestsOf(stage)).map(({ receivedAt }) => receivedAt))
      return Date.now() - last > SETTLED_MS ? true : undefined
    },
    { intervalMs: 500, found: async () => (await requestsOf(stage)).slice(-5) },
  )
  const from = Date.now()
  await passes(ms)
  const later = (await requestsOf(stage)).filter(({ receivedAt }) => receivedAt >= from)
  assert.deepEqual(later, [], stage.operator.log)
}
