/** What each validator of a pool does now: `membersOf`. Pure. */
import type { SeiNodePool } from '../../../api/seinodepool.ts'
import { poolNames } from '../../../build/pool/names.ts'
import type { FleetNode } from '../../cluster/fleet.ts'
import { readinessOf } from '../../status/readiness.ts'
import type { Tone } from './sparkline.ts'
import { stateOf } from './words.ts'

export interface Member {
  readonly index: number
  readonly name: string
  readonly tone: Tone
  /** Whether blocks have its signature; undefined if that is not known. */
  readonly signs: boolean | undefined
  /** Such as `ready, signs`. */
  readonly text: string
  /** Whether it gets a change now, or waits for its turn. */
  readonly rollout: 'now' | 'waits' | undefined
}

/** One for each node that the pool shall have. */
export function membersOf(pool: SeiNodePool, nodes: readonly FleetNode[]): readonly Member[] {
  const byName = new Map(nodes.map(each => [each.node.metadata.name, each]))
  return poolNames(pool).nodes.map(({ index, node: name }) => {
    const found = byName.get(name)
    if (!found) return { index, name, tone: 'idle', signs: false, text: 'not created yet', rollout: undefined }
    const { tone, text, reason } = stateOf(
      found.node.status?.phase ?? 'Pending',
      readinessOf(found.node.status?.conditions),
    )
    const signs = signsOf(found)
    const said = signs === undefined ? [] : [signs ? 'signs' : 'does not sign']
    return {
      index,
      name,
      tone,
      signs,
      text: [text.toLowerCase(), ...(reason === undefined ? [] : [reason]), ...said].join(', '),
      rollout: rolloutOf(pool, found),
    }
  })
}

/** By what the operator observed; it takes a while to tell that a validator does not sign. */
function signsOf({ node: { status } }: FleetNode): boolean | undefined {
  const { state, validatorAddress } = status?.chain ?? {}
  if (status?.phase !== 'Running' || state === 'NotSigning') return false
  return state === 'Following' && validatorAddress !== undefined ? true : undefined
}

/** The pool changes the specs of its nodes one by one; a change of the operator waits in the nodes themselves. */
function rolloutOf({ spec, status }: SeiNodePool, { node }: FleetNode): Member['rollout'] {
  const { phase } = node.status?.rollout ?? {}
  if (status?.rollout?.node === node.metadata.name || phase === 'Underway') return 'now'
  const hasOldImage = status?.rollout !== undefined && node.spec.image !== spec.nodeConfiguration.image
  return phase === 'Waiting' || hasOldImage ? 'waits' : undefined
}
