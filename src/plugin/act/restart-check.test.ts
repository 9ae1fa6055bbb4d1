/** Which validator of a pool may be restarted, by the rule of rollouts. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seiNode } from '../../build/testdata/nodes.ts'
import { podOf } from '../../controllers/seinode/testdata/objects.ts'
import { inRestartOrder, type PoolValidator, restartObstacle } from './restart-check.ts'

const NOW = Date.parse('2026-11-27T12:00:00Z')

type State = 'following' | 'stuck' | 'down' | 'changing' | 'halted'

function validator(at: number, state: State): PoolValidator {
  const reason = { following: 'Ready', stuck: 'Stuck', down: 'PodNotReady', changing: 'Ready', halted: 'ChainHalted' }[
    state
  ]
  const isReady = reason === 'Ready'
  const lastTransitionTime = '2026-11-27T11:00:00Z'
  const rollout = { phase: 'Underway', cause: 'Spec', revision: 'x', since: lastTransitionTime } as const
  const node = seiNode(`net-${at}`)
  const status = {
    conditions: [
      {
        type: 'Ready',
        status: isReady ? ('True' as const) : ('False' as const),
        reason,
        message: '',
        lastTransitionTime,
      },
    ],
    chain: {
      state: isReady ? ('Following' as const) : ('Stuck' as const),
      since: lastTransitionTime,
      containerID: 'x',
    },
    ...(state === 'changing' ? { rollout } : {}),
  }
  return { node: { ...node, status }, pod: state === 'down' ? undefined : podOf() }
}

const CASES: readonly {
  readonly title: string
  readonly states: readonly State[]
  /** Of net-0. */
  readonly obstacle: RegExp | undefined
}[] = [
  { title: 'all follow the chain', states: ['following', 'following', 'following', 'following'], obstacle: undefined },
  {
    title: 'another is stuck',
    states: ['following', 'stuck', 'following', 'following'],
    obstacle:
      /cannot spare another of its 4 validators, of which it can lose 1: net-1 \(not seen to follow the chain\)$/,
  },
  {
    title: 'another is down',
    states: ['following', 'following', 'down', 'following'],
    obstacle: /net-2 \(seid does not run\)$/,
  },
  {
    title: 'another gets a change',
    states: ['following', 'changing', 'following', 'following'],
    obstacle: /^net-1 restarts or gets a change now$/,
  },
  { title: 'only itself is stuck', states: ['stuck', 'following', 'following', 'following'], obstacle: undefined },
  { title: 'only itself is down', states: ['down', 'following', 'following', 'following'], obstacle: undefined },
  { title: 'itself and another are stuck', states: ['stuck', 'stuck', 'following', 'following'], obstacle: /net-1/ },
  { title: 'the chain is halted', states: ['halted', 'halted', 'halted', 'halted'], obstacle: undefined },
  { title: 'it is the only one', states: ['following'], obstacle: undefined },
]

for (const { title, states, obstacle } of CASES) {
  test(`${title}: ${obstacle === undefined ? 'restarted' : 'refused'}`, () => {
    const validators = states.map((state, at) => validator(at, state))
    const found = restartObstacle('net-0', validators, NOW)
    if (obstacle === undefined) assert.equal(found, undefined)
    else assert.match(found ?? 'no obstacle', obstacle)
  })
}

test('validators of a pool restart in the order down, behind, following, so that the pool is done', () => {
  const validators = (['following', 'stuck', 'following', 'down'] as const).map((state, at) => validator(at, state))
  const names = inRestartOrder(validators).map(({ node }) => node.metadata.name)
  assert.deepEqual(names, ['net-3', 'net-1', 'net-0', 'net-2'])
})
