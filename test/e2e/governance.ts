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
const OPEN_PROPOSALS = ['query', 'gov', 'proposals', '--status=voting_period', '--output=json']
const CURRENT_PLAN = ['query', 'upgrade', 'plan', '--output=json']
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
}

interface Plan {
  readonly name: string
  readonly height: string
}

interface Proposal {
  readonly proposal_id: string
  readonly content: { readonly plan?: Plan }
}

interface Proposals {
  readonly proposals: readonly Proposal[]
}

/** Has all validators vote for the upgrade, and resolves when it is the chain's plan. It replaces the plan before it. */
export async function voteForUpgrade(fixture: PoolFixture, { name, height }: Upgrade): Promise<void> {
  const nodes = fixture.nodeNames()
  const [proposer = ''] = nodes
  const text = ['--title=upgrade', '--description=upgrade', `--deposit=${DEPOSIT}`]
  const isPlanned = (plan?: Plan): boolean => plan?.name === name && Number(plan.height) === height
  await broadcast(fixture, proposer, [
    'submit-proposal',
    'software-upgrade',
    name,
    `--upgrade-height=${height}`,
    ...text,
  ])
  const isProposed = ({ content }: Proposal): boolean => isPlanned(content.plan)
  const { proposals } = await untilSays<Proposals>(fixture, proposer, OPEN_PROPOSALS, answer =>
    answer.proposals.some(isProposed),
  )
  const id = proposals.find(isProposed)?.proposal_id ?? ''
  await Promise.all(nodes.map(node => broadcast(fixture, node, ['vote', id, 'yes'])))
  await untilSays<Plan>(fixture, proposer, CURRENT_PLAN, isPlanned)
  say(`the chain voted for upgrade ${name} at ${height}`)
}

/** Resolves when the node has taken the transaction. */
async function broadcast(fixture: PoolFixture, node: string, transaction: readonly string[]): Promise<void> {
  const pool = await fixture.get()
  const command = ['tx', 'gov', ...transaction, `--chain-id=${pool?.spec.chainId}`, ...ACCOUNT]
  await untilSays<Broadcast>(fixture, node, command, ({ code }) => code === 0)
}

/**
 * Runs seid in the pod of the node until what it prints as JSON meets the condition. It fails where there is nothing to show yet, and
 * now and then where the state of a block is being committed.
 */
function untilSays<A>(
  { cluster }: PoolFixture,
  node: string,
  args: readonly string[],
  holds: (answer: A) => boolean,
): Promise<A> {
  let found: unknown
  return until(
    `seid ${args.slice(0, 4).join(' ')} on ${node}`,
    async () => {
      try {
        const text = await cluster.exec(NAMESPACE, `${node}-0`, 'seid', ['seid', ...args, '--home=/sei'])
        const answer: A = JSON.parse(text)
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
