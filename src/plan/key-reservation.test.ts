/** Who may run a consensus key, by tables, and over all orders in which nodes come to ask. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Claimant, decideReservation, holderIdentity, type Reservation } from './key-reservation.ts'

function claimant(name: string, rest: Partial<Claimant> = {}): Claimant {
  return { namespace: 'sei', name, uid: `uid-${name}`, isReserved: false, isRunning: false, ...rest }
}

const A = claimant('a')
const B = claimant('b')
const reservedBy = (holder: string): Reservation => ({ holder })
const B_HAS_IT = reservedBy('sei/b/uid-b')
const byB = { namespace: 'sei', name: 'b' }

const TABLE: readonly (readonly [
  what: string,
  self: Claimant,
  lease: Reservation | undefined,
  others: readonly Claimant[],
  expected: object,
])[] = [
  ['nobody has it', A, undefined, [], { kind: 'create' }],
  ['another node has the key, and never ran', A, undefined, [B], { kind: 'create' }],
  ['the Lease is gone, and its holder comes back', { ...A, isReserved: true }, undefined, [B], { kind: 'create' }],
  [
    'the Lease is gone: the status of another says that it has it',
    A,
    undefined,
    [{ ...B, isReserved: true }],
    { kind: 'taken' },
  ],
  ['the Lease is gone: another runs', A, undefined, [{ ...B, isRunning: true }], { kind: 'taken' }],
  [
    'there is no Lease, and two run',
    { ...A, isRunning: true },
    undefined,
    [{ ...B, isRunning: true }],
    { kind: 'create' },
  ],
  [
    'the Lease is gone: it runs, and the status of another says that it has it',
    { ...A, isRunning: true },
    undefined,
    [{ ...B, isReserved: true }],
    { kind: 'taken' },
  ],
  ['it is its own', A, reservedBy('sei/a/uid-a'), [B], { kind: 'ours', rivals: [] }],
  [
    'it is its own, and another runs',
    A,
    reservedBy('sei/a/uid-a'),
    [{ ...B, isRunning: true }],
    { kind: 'ours', rivals: [{ ...B, isRunning: true }] },
  ],
  ['another has it', A, B_HAS_IT, [B], { kind: 'taken', by: byB, isThere: true }],
  ['another has it whose status is lost', A, B_HAS_IT, [], { kind: 'taken', by: byB, isThere: true }],
  [
    'another has it that is gone',
    A,
    reservedBy('sei/z/uid-z'),
    [],
    { kind: 'taken', by: { namespace: 'sei', name: 'z' }, isThere: false },
  ],
  [
    'another namespace has one of the same name',
    A,
    reservedBy('other/a/uid-a'),
    [],
    { kind: 'taken', by: { namespace: 'other', name: 'a' }, isThere: false },
  ],
  [
    'a node of this name with another UID had it: a restored cluster',
    A,
    reservedBy('sei/a/uid-old'),
    [],
    { kind: 'take-over' },
  ],
  [
    'another that was restored under another UID has it',
    A,
    reservedBy('sei/b/uid-old'),
    [],
    { kind: 'taken', by: byB, isThere: true },
  ],
  ['a person took the holder out', A, reservedBy(''), [], { kind: 'take-over' }],
]

const exists = ({ namespace, name }: { namespace: string; name: string }): boolean =>
  namespace === 'sei' && (name === 'a' || name === 'b')

for (const [what, self, lease, others, expected] of TABLE) {
  test(`${what}: ${'kind' in expected ? String(expected.kind) : ''}`, () => {
    assert.partialDeepStrictEqual(decideReservation(self, lease, others, exists), expected)
  })
}

test('in any order of requests and with any loss of the Lease, one of the nodes with a key has it and keeps running', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('asks' as const), node: fc.nat({ max: 3 }) }),
    fc.constant({ kind: 'lease is lost' as const, node: 0 }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.array(fc.boolean(), { maxLength: 4 }), (steps, running) => {
      // Some run already, without a reservation.
      const nodes = ['a', 'b', 'c', 'd'].map((name, index) => claimant(name, { isRunning: running[index] === true }))
      let lease: Reservation | undefined
      let first: number | undefined
      const everybody = nodes.map((_, node) => ({ kind: 'asks' as const, node }))
      for (const { kind, node } of [...steps, ...everybody]) {
        if (kind === 'lease is lost') {
          lease = undefined
          continue
        }
        const self = nodes[node]
        assert.ok(self)
        const decision = decideReservation(
          self,
          lease,
          nodes.filter(other => other !== self),
          () => true,
        )
        if (decision.kind === 'create' || decision.kind === 'take-over') lease = reservedBy(holderIdentity(self))
        // As the controller does: the status says so before seid may run.
        const isOurs = lease?.holder === holderIdentity(self)
        if (isOurs) first ??= node
        nodes[node] = { ...self, isReserved: isOurs, isRunning: isOurs }
      }
      assert.deepEqual(
        nodes.flatMap(({ isRunning }, index) => (isRunning ? [index] : [])),
        [first],
      )
      // One that ran has it before any that did not.
      assert.ok(!running.includes(true) || running[first ?? -1])
    }),
  )
})
