/** What an operator asks of the API server, from the audit log: `requestsOf`, and `assertQuiet`, that it asks nothing any more. */
import { setTimeout as passes } from 'node:timers/promises'
import { readAuditLog, type AuditedRequest } from '../../testing/audit-log.ts'
import { USERS } from '../../testing/controlplane/credentials.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import type { OperatorFixture } from './operator-fixture.ts'
import { until } from './until.ts'

/** Requests of the operator in the namespace of the fixture, answered, but for watches. */
export async function requestsOf({ namespace }: OperatorFixture): Promise<readonly AuditedRequest[]> {
  const { auditLogPath } = attachedControlPlane(process.env)
  const all = await readAuditLog(auditLogPath, USERS.operator.name)
  return all.filter(request => request.namespace === namespace && request.verb !== 'watch')
}

/**
 * Waits for a while in which the operator asks nothing: what came before may have a last echo, but has an end.
 * @param ms how long the while is, by the operator's clock
 */
export async function assertQuiet(fixture: OperatorFixture, ms: number): Promise<void> {
  let later: readonly AuditedRequest[] = []
  const isQuiet = async (): Promise<true | undefined> => {
    const from = Date.now()
    await passes(ms / fixture.operator.clockRate)
    later = (await requestsOf(fixture)).filter(({ receivedAt }) => receivedAt >= from)
    return later.length === 0 || undefined
  }
  await until('the operator to ask nothing', isQuiet, { found: () => [later, fixture.operator.log] })
}
