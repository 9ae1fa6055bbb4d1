/** In which order a change that restarts pods reaches the nodes of a group. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { array, assert as assertProperty, constantFrom, nat, property } from 'fast-check'
import { tolerableLosses } from '../build/pool/quorum.ts'
import { nextToRestart, type RolloutMember, type RolloutPolicy } from './restart-order.ts'

const GOING: RolloutPolicy = { kind: 'quorum', isStalled: false }
const STALLED: RolloutPolicy = { kind: 'quorum', isStalled: true }
const ONE: RolloutPolicy = { kind: 'count', maxRestarting: 1 }

const CHANGES: Readonly<Record<string, RolloutMember['change']>> = { w: 'waiting', u: 'underway', x: 'blocked' }
const HEALTHS: Readonly<Record<string, RolloutMember['health']>> = {
  d: 'down',
  b: 'behind',
  z: 'nonvoting',
  h: 'halted',
}

/** A member in letters: n(one), w(aiting), u(nderway) or x (blocked); d(own), b(ehind), z(ero voting power), h(alted) or f(ollowing); 0: never Ready. */
function member(text: string, index: number): RolloutMember {
  const [change = '', health = ''] = text
  return {
    key: String(index),
    change: CHANGES[change] ?? 'none',
    health: HEALTHS[health] ?? 'following',
    wasReady: text[2] !== '0',
  }
}

function chosen(text: string, policy: RolloutPolicy): string {
  return nextToRestart(text.split(' ').map(member), policy).join(' ')
}

suite('validators of one network', () => {
  const rows: readonly (readonly [what: string, members: string, policy: RolloutPolicy, chosen: string])[] = [
    ['nothing waits', 'nf nf nf nf', GOING, ''],
    ['all vote: one gets the change', 'wf wf wf wf', GOING, '0'],
    ['the next waits for the one before', 'uf wf wf wf', GOING, ''],
    ['one that restarts holds the others', 'ud wf wf wf', GOING, ''],
    ['one that does not vote comes first, whatever its index', 'wf wb wf wf', GOING, '1'],
    ['one that is down comes before one that is behind', 'wf wb wd wf', GOING, '2'],
    ['one without a change that does not vote keeps the others from stopping', 'wf nb wf wf', GOING, ''],
    ['one that was not seen to vote waits where the chain may need its vote', 'nd wb wf wf', GOING, ''],
    ['so it does while the operator has yet to see who votes', 'wb wb wf wb', GOING, ''],
    ['one without a change that is down does not keep one that is down', 'wd nd wf wf', GOING, '0'],
    ['one that is blocked gets nothing', 'xd wf wf wf', GOING, ''],
    ['a chain that stands still: all that wait get the change', 'wb wb wb wd', STALLED, '3 0 1 2'],
    ['a chain that stands still: one underway holds nobody', 'ub wb wb', STALLED, '1 2'],
    ['nobody runs: all get the change', 'wd wd wd', GOING, '0 1 2'],
    ['nobody is known to vote: what runs waits until that is known', 'wb wb wd', GOING, '2'],
    ['a single validator', 'wf', GOING, '0'],
    ['one without voting power costs no vote, and comes before one that may vote', 'wf wb wz wf', GOING, '2'],
    ['one without voting power and without a change holds nobody', 'wf nz wf wf', GOING, '0'],
    ['one that may vote waits where the votes of the others are needed', 'nz wb nf nf', GOING, ''],
    ['one that its spec halted keeps the others from nothing', 'nh wf wf wf', GOING, '1'],
    ['one that is halted and waits comes before those that vote', 'wf wf wh wf', GOING, '2'],
    ['all are halted: all get the change', 'wh wh wh wh', GOING, '0 1 2 3'],
    ['those that are halted get it before those that stand below them', 'wh wb wh wb', GOING, '0 2'],
    ['nobody has voting power: one at a time', 'wz wz uz', GOING, ''],
  ]
  for (const [what, members, policy, expected] of rows) {
    test(`${what}: ${members}`, () => assert.equal(chosen(members, policy), expected))
  }

  test('in every state of up to seven nodes, no restart removes the votes that the chain needs', () => {
    const states = ['wf', 'wb', 'wd', 'uf', 'ub', 'ud', 'nf', 'nb', 'nd', 'xd']
    for (let count = 1; count <= 7; count++) {
      for (const picks of multisets(states.length, count)) {
        const members = picks.map((pick, index) => member(states[pick] ?? '', index))
        const voting = members.filter(({ health }) => health === 'following').length
        const now = new Set(nextToRestart(members, GOING))
        const left = members.filter(({ key, health }) => health === 'following' && !now.has(key)).length
        const quorum = count - tolerableLosses(count)
        const canSpareNone = tolerableLosses(count) === 0
        if (voting < quorum) assert.ok(left === voting, `${picks.join()}: nobody that votes restarts below the quorum`)
        else if (canSpareNone) assert.ok(left >= voting - 1 && (left === voting || voting === count), picks.join())
        else assert.ok(left >= quorum, `${picks.join()}: ${left} of ${count} left`)
        // A validator that was not observed to vote may vote.
        const mayVote = members.filter(({ key, health }) => health === 'behind' && now.has(key)).length
        if (voting > 0 && mayVote > 0)
          assert.ok(left >= quorum, `${picks.join()}: a vote that nobody saw is not needed`)
        if (voting > 0) assert.ok(now.size <= 1, `${picks.join()}: one at a time`)
      }
    }
  })

  test('whatever the order of the members, the same kind of node is chosen', () => {
    const letters = constantFrom('wf', 'wb', 'wd', 'uf', 'nf', 'nb')
    assertProperty(
      property(array(letters, { minLength: 1, maxLength: 7 }), nat(), (texts, seed) => {
        const turned = texts.map((_, index) => texts[(index + seed) % texts.length] ?? '')
        assert.deepEqual(kindsChosen(texts), kindsChosen(turned))
      }),
    )
  })
})

suite('nodes of no pool', () => {
  const rows: readonly (readonly [what: string, members: string, policy: RolloutPolicy, chosen: string])[] = [
    ['one at a time', 'wf wf wf', ONE, '0'],
    ['the next waits for the one before', 'ud wf wf', ONE, ''],
    ['one that does not follow the chain comes first', 'wf wb wd', ONE, '2'],
    ['nodes that never followed the chain are not waited for', 'wd0 wb0 wf', ONE, '0 1 2'],
    ['nor do they hold the others', 'ud0 wf', ONE, '1'],
    ['two at a time where that is asked for', 'ub wf wf wf', { kind: 'count', maxRestarting: 2 }, '1'],
    ['a node that is down by itself holds nobody', 'nd wf', ONE, '1'],
  ]
  for (const [what, members, policy, expected] of rows) {
    test(`${what}: ${members}`, () => assert.equal(chosen(members, policy), expected))
  }
})

function kindsChosen(texts: readonly string[]): readonly string[] {
  return nextToRestart(texts.map(member), GOING)
    .map(key => texts[Number(key)] ?? '')
    .toSorted()
}

/** Each choice of `size` of `kinds` kinds, with repeats: the order of members changes nothing (tested above). */
function* multisets(kinds: number, size: number, from = 0): Generator<readonly number[]> {
  if (size === 0) {
    yield []
    return
  }
  for (let kind = from; kind < kinds; kind++) {
    for (const rest of multisets(kinds, size - 1, kind)) yield [kind, ...rest]
  }
}
