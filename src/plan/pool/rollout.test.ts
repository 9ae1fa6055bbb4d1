/** In which order a change reaches a pool's nodes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as assertProperty, boolean, constantFrom, pre, property, record } from 'fast-check'
import { type Member, planRollout } from './rollout.ts'

const SPECS: Readonly<Record<string, Member['spec']>> = { m: 'missing', o: 'outdated', c: 'current', h: 'held' }
const HEALTHS: Readonly<Record<string, Member['health']>> = { d: 'down', u: 'unsettled', s: 'settled' }

/** Two letters a node: spec (m: missing, o: outdated, c: current, h: held), health (d: down, u: unsettled, s: settled). */
function members(text: string): readonly Member[] {
  return text.split(' ').map(([spec = '', health = ''], index) => ({
    index,
    spec: SPECS[spec] ?? 'missing',
    health: HEALTHS[health] ?? 'down',
  }))
}

interface Row {
  readonly title: string
  readonly nodes: string
  readonly stalled?: boolean
  readonly apply: readonly number[]
  readonly waitsFor?: number
  readonly remaining?: number
}

const rows: readonly Row[] = [
  { title: 'nodes that are not there are made all at once', nodes: 'md md md md', apply: [0, 1, 2, 3] },
  { title: 'nothing is done where every node is as it shall be', nodes: 'cs cs cu cs', apply: [] },
  {
    title: 'failure mode 29: of nodes that run, the first alone is changed',
    nodes: 'os os os os',
    apply: [0],
    remaining: 3,
  },
  { title: 'the next is changed when the one before has settled', nodes: 'cs os os os', apply: [1], remaining: 2 },
  {
    title: 'a changed node that is down holds the next up',
    nodes: 'cd os os os',
    apply: [],
    waitsFor: 0,
    remaining: 3,
  },
  {
    title: 'a changed node that has not settled holds the next up',
    nodes: 'cs cu os os',
    apply: [],
    waitsFor: 1,
    remaining: 2,
  },
  {
    title: 'failure mode 29: a node that went down for a moment is not given what another has yet to settle with',
    nodes: 'cd od os os',
    apply: [],
    waitsFor: 0,
    remaining: 3,
  },
  { title: 'it is given what another has settled with', nodes: 'cs od os os', apply: [1], waitsFor: 1, remaining: 2 },
  {
    title: 'it is given the change where no node is settled',
    nodes: 'cd od od ou',
    apply: [1, 2],
    waitsFor: 0,
    remaining: 1,
  },
  {
    title: 'it is given the change where the chain stands still, with all that are not settled',
    nodes: 'cd od os ou',
    stalled: true,
    apply: [1, 3],
    remaining: 1,
  },
  {
    title: 'a node for which nothing may be done holds up those that run, and not those that are down',
    nodes: 'hd od os os',
    apply: [1],
    waitsFor: 1,
    remaining: 2,
  },
  { title: 'a node that is down gets the change at once', nodes: 'od os os os', apply: [0], waitsFor: 0, remaining: 3 },
  { title: 'all that are down get the change together', nodes: 'od od od od', apply: [0, 1, 2, 3] },
  {
    title: 'failure mode 29: of several that are down one gets the change while others are settled',
    nodes: 'os od od os',
    apply: [1],
    waitsFor: 1,
    remaining: 3,
  },
  { title: 'one that runs unsettled comes before one that is settled', nodes: 'os os ou os', apply: [2], remaining: 3 },
  { title: 'two that run unsettled are changed one after the other', nodes: 'os ou ou os', apply: [1], remaining: 3 },
  {
    title: 'a settled one is not taken down while another is not settled',
    nodes: 'cs os cu os',
    apply: [],
    waitsFor: 2,
    remaining: 2,
  },
  {
    title: 'a settled one is not taken down while another is missing',
    nodes: 'md os os os',
    apply: [0],
    waitsFor: 0,
    remaining: 3,
  },
  {
    title: 'a chain that stands still gets the change at once where nodes are not settled',
    nodes: 'cu ou ou ou',
    stalled: true,
    apply: [1, 2, 3],
  },
  {
    title: 'a settled one of a chain that stands still has its turn all the same',
    nodes: 'cs os os',
    stalled: true,
    apply: [1],
    remaining: 1,
  },
  {
    title: 'one that runs unsettled, and may sign, is not taken down while another is down',
    nodes: 'ou os os od',
    apply: [3],
    waitsFor: 3,
    remaining: 3,
  },
]

for (const { title, nodes, stalled = false, apply, waitsFor, remaining = 0 } of rows) {
  test(`R2: ${title}`, () => {
    assert.deepEqual(planRollout(members(nodes), stalled), { apply, waitsFor, remaining })
  })
}

const anyMember = record({
  spec: constantFrom('missing', 'outdated', 'current', 'held'),
  health: constantFrom('down', 'unsettled', 'settled'),
}).map(({ spec, health }) =>
  spec === 'missing' || spec === 'held' ? { spec, health: 'down' as const } : { spec, health },
)
const anyMembers = array(anyMember, { minLength: 1, maxLength: 20 }).map(all =>
  all.map(({ spec, health }, index): Member => ({ index, spec, health })),
)

test('R2: no node that is settled is ever given a change while another one is not', () => {
  assertProperty(
    property(anyMembers, boolean(), (all, isStalled) => {
      const { apply } = planRollout(all, isStalled)
      const taken = all.filter(({ index, health }) => apply.includes(index) && health === 'settled')
      assert.ok(taken.length <= 1)
      if (taken.length === 1) assert.ok(all.every(one => one === taken[0] || one.health === 'settled'))
    }),
  )
})

test('R2: nothing is ever done to a node that is current, or held', () => {
  assertProperty(
    property(anyMembers, boolean(), (all, isStalled) => {
      const { apply } = planRollout(all, isStalled)
      assert.ok(all.every(({ index, spec }) => !apply.includes(index) || spec === 'missing' || spec === 'outdated'))
    }),
  )
})

test('failure mode 29: while nodes are settled, a change that one of them has yet to prove is given to no other', () => {
  assertProperty(
    property(anyMembers, all => {
      const isUnproven = all.some(({ spec, health }) => spec === 'current' && health !== 'settled')
      pre(isUnproven && all.some(({ health }) => health === 'settled'))
      const { apply } = planRollout(all, false)
      assert.ok(all.every(({ index, spec }) => !apply.includes(index) || spec === 'missing'))
    }),
  )
})

function settled({ index }: Member): Member {
  return { index, spec: 'current', health: 'settled' }
}

test('R2: a rollout whose nodes settle one after the other comes to its end, each node changed once', () => {
  assertProperty(
    property(anyMembers, boolean(), (start, isStalled) => {
      let all = start.map(one => (one.spec === 'current' || one.spec === 'held' ? settled(one) : one))
      const changed: number[] = []
      for (let round = 0; all.some(({ spec }) => spec !== 'current'); round++) {
        assert.ok(round <= start.length, 'every round changes a node')
        const { apply } = planRollout(all, isStalled)
        changed.push(...apply)
        all = all.map(one => (apply.includes(one.index) ? settled(one) : one))
      }
      assert.equal(new Set(changed).size, changed.length)
    }),
  )
})
