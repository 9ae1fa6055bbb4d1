/** Nodes that are as they should be cost the API server nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { untilAllRunning } from '../support/node-watch.ts'
import { OperatorFixture } from '../support/operator-fixture.ts'
import { assertQuiet, requestsOf } from '../support/quiet.ts'

const NODES = 50
const QUIET_MS = 60_000

test(`failure mode 22: ${NODES} Running nodes cause no request except watches for a minute of the operator's time`, async () => {
  await using fixture = await OperatorFixture.open({ operator: { env: { POD_NAMESPACE: 'operators' }, clockRate: 5 } })
  await Promise.all(Array.from({ length: NODES }, (_, i) => fixture.create(`node-${i}`)))
  await untilAllRunning(fixture, NODES)
  assert.ok((await requestsOf(fixture)).length > NODES, 'the audit log holds what the operator did so far')
  // Its watches restart: by its fast clock, the next ones would seem silent before the API server sends bookmarks.
  await fixture.operator.restart()
  await assertQuiet(fixture, QUIET_MS)
})
