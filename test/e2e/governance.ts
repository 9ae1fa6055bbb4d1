/** The chain of a pool votes, with the accounts that the ceremony gave its validators: `voteForUpgrade`. */
import { until } from '../support/until.ts'
import { NAMESPACE, type PoolFixture, say } from './pool-fixture.ts'

/** For `genesis.params` of the pool: a proposal is decided so long after it was made. */
export const VOTING_PERIOD = { 'app_state.gov.voting_params.voting_period': '20s' }
/** Blocks of a network of validators in twice the voting period, at the pace of seid's default timeouts. */
export const VOTING_BLOCKS = 100

export interface Upgrade {
  readonly name: string
  readonly height: number
}

const DECISION_MS = 120_000
const OPEN_PROPOSALS = ['gov', 'proposals', '--status=voting_period']
const CURRENT_PLAN = ['upgrade', 'plan']
const DEPOSIT = '10000000usei'
const ACCOUNT = [
  '--from=node_admin',
  '--keyring-backend=test',
  '--gas=1000000',
  '--fees=200000usei',
  '--broadcast-mode=sync',
  '--yes',
  '--output=json',
]

interface Broadcast {
  readonly code: number
  readonly raw_log: string
}

interface Proposals {
  readonly proposals: readonly { readonly proposal_id: string }[]
}

interface Plan {
  readonly name: string
  readonly height: string
}

/** Has all validators vote for the upgrade, and resolves when it is the chain's plan. It replaces the plan before it. */
export async function voteForUpgrade(fixture: PoolFixture, { name, height }: Upgrade): Promise<void> {
  const nodes = fixture.nodeNames()
  const [proposer = ''] = nodes
  const text = ['--title=upgrade', '--description=upgrade', `--deposit=${DEPOSIT}`]
  await broadcast(fixture, proposer, [
    'submit-proposal',
    'software-upgrade',
    name,
    `--upgrade-height=${height}`,
    ...text,
  ])
  const { proposals } = await untilAnswer<Proposals>(
    fixture,
    proposer,
    OPEN_PROPOSALS,
    answer => answer.proposals.length > 0,
  )
  const [proposal] = proposals
  await Promise.all(nodes.map(node => broadcast(fixture, node, ['vote', proposal?.proposal_id ?? '', 'yes'])))
  await untilAnswer<Plan>(fixture, proposer, CURRENT_PLAN, plan => plan.name === name && Number(plan.height) === height)
  say(`the chain voted for upgrade ${name} at ${height}`)
}

async function broadcast(fixture: PoolFixture, node: string, transaction: readonly string[]): Promise<void> {
  const pool = await fixture.get()
  const options = [`--chain-id=${pool?.spec.chainId}`, ...ACCOUNT]
  const { code, raw_log }: Broadcast = JSON.parse(await seid(fixture, node, ['tx', 'gov', ...transaction, ...options]))
  if (code !== 0) throw new Error(`${node}: seid tx gov ${transaction.join(' ')}: ${raw_log}`)
}

/** seid ends with an error where there is nothing to show yet. */
async function untilAnswer<T>(
  fixture: PoolFixture,
  node: string,
  query: readonly string[],
  holds: (answer: T) => boolean,
): Promise<T> {
  let found: unknown
  return until(
    `seid query ${query.join(' ')} on ${node}`,
    async () => {
      try {
        const answer: T = JSON.parse(await seid(fixture, node, ['query', ...query, '--output=json']))
        found = answer
        return holds(answer) ? answer : undefined
      } catch (error) {
        found = error
        return undefined
      }
    },
    { deadlineMs: DECISION_MS, intervalMs: 500, found: () => found },
  )
}

function seid({ cluster }: PoolFixture, node: string, args: readonly string[]): Promise<string> {
  return cluster.exec(NAMESPACE, `${node}-0`, 'seid', ['seid', ...args, '--home=/sei'])
}
