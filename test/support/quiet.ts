/** An operator's requests to the API server, from the audit log: `requestsOf`; `untilQuiet` waits until there are none, and `assertQuiet` expects none. */
import assert from 'node:assert/strict'
import { setTimeout as passes } from 'node:timers/promises'
import { readAuditLog, type AuditedRequest } from '../../testing/audit-log.ts'
import { USERS } from '../../testing/controlplane/credentials.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import type { OperatorFixture } from './operator-fixture.ts'
import { until } from './until.ts'

/** Answered requests of the operator in the fixture's namespace, without watches. */
export async function requestsOf({ namespace }: OperatorFixture): Promise<readonly AuditedRequest[]> {
  const { auditLogPath } = attachedControlPlane(process.env)
  const all = await readAuditLog(auditLogPath, USERS.operator.name)
  return all.filter(request => request.namespace === namespace && request.verb !== 'watch')
}

/** Long enough for the last requests from before to be answered. */
const SETTLED_MS = 3_000

/** Waits until the operator is idle. */
export async function untilQuiet(fixture: OperatorFixture): Promise<void> {
  await until(
    'the operator to be done',
    async () => {
      const last = Math.max(...(await requestsOf(fixture)).map(({ receivedAt }) => receivedAt))
      return Date.now() - last > SETTLED_MS || undefined
    },
    { found: async () => (await requestsOf(fixture)).slice(-5) },
  )
}

/**
 * Waits until the operator is idle, and then fails on any request within `ms`.
 * @param ms by the operator's clock
 */
export async function assertQuiet(fixture: OperatorFixture, ms: number): Promise<void> {
  await untilQuiet(fixture)
  const from = Date.now()
  await passes(ms / fixture.operator.clockRate)
  const later = (await requestsOf(fixture)).filter(({ receivedAt }) => receivedAt >= from)
  assert.deepEqual(later, [], fixture.operator.log)
}
