/** What a person is advised to do about a key: nothing that leads to a second signature. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rivalsRun, runsWithoutReservation } from './finding.ts'

const A = { namespace: 'sei', name: 'a' }
const B = { namespace: 'sei', name: 'b', uid: 'uid-b', isReserved: false, isRunning: true }
const LEASE = { namespace: 'op', name: 'sei-key-x' }
const SURVIVES =
  ', with its volume, and never SeiNode sei/a: its data/priv_validator_state.json is the record of what the key has signed, and must be kept'

test('of two nodes that run with one key, the one without the reservation is to be deleted', () => {
  assert.ok(runsWithoutReservation(B, 'x', A, LEASE).endsWith(`Delete this node, SeiNode sei/b${SURVIVES}`))
  assert.ok(rivalsRun(A, 'x', [B]).endsWith(`Delete SeiNode sei/b${SURVIVES}`))
})
