/** Whether an operator runs, as its Lease says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts'
import { newestLease, operatorWarning } from './operator.ts'

const NOW = Date.parse('2026-11-27T12:00:00Z')

function lease(secondsAgo: number, holderIdentity?: string): Lease {
  const renewTime = new Date(NOW - secondsAgo * 1000).toISOString()
  return {
    metadata: { namespace: 'sys', name: 'sei-k8s-controller' },
    spec: { renewTime, ...(holderIdentity === undefined ? {} : { holderIdentity }) },
  }
}

test('an operator that renews its Lease, or of which nothing is known, is no reason for a warning', () => {
  assert.equal(operatorWarning([], NOW), undefined)
  assert.equal(operatorWarning([lease(2, 'a')], NOW), undefined)
  // A clock that is behind.
  assert.equal(operatorWarning([lease(-90, 'a')], NOW), undefined)
})

test('a Lease that is not renewed, or was released, is', () => {
  assert.match(
    operatorWarning([lease(300, 'a')], NOW) ?? '',
    /^The operator does not run: its Lease sys\/sei-k8s-controller was last renewed 5m ago\./,
  )
  assert.match(operatorWarning([lease(300)], NOW) ?? '', /was released 5m ago/)
})

test('of several Leases the one that was renewed last counts', () => {
  const [old, fresh] = [lease(9000, 'old'), lease(5, 'fresh')]
  assert.equal(newestLease([old, fresh]), fresh)
  assert.equal(operatorWarning([old, fresh], NOW), undefined)
})
