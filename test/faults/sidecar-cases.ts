/** The nodes of the sidecar fault tests: which release, and what goes wrong at which request. */
import { PROFILES, profileOf, type Fault } from '../../testing/fakes/sidecar/index.ts'
import { executedFor, SUBMITTED } from '../support/bootstrap-spec.ts'
import type { Target, Trouble } from './trouble.ts'

export interface SidecarCase {
  /** Names the SeiNode. */
  readonly name: string
  readonly profile: string
  readonly troubles: readonly Trouble[]
  /** How long a task of each type takes; at once where absent. Milliseconds. */
  readonly durations: Readonly<Record<string, number>>
  /** Types of the tasks that run, in order. */
  readonly expected: readonly string[]
}

/** One release of each era of the protocol. */
const ERAS = ['v0.0.16', 'v0.0.20', 'v0.0.22', 'v0.0.25', 'v0.0.40', 'v0.0.70']

/** The operator gives up on an answer after 10 s. */
const TOO_LATE_MS = 10_400

const CONFLICT: Fault = { kind: 'respond', status: 409, body: { error: 'a task is already running' } }
const TIMEOUT: Fault = { kind: 'delay', ms: TOO_LATE_MS }
const LOST: Fault = { kind: 'drop-after' }
const RESET: Fault = { kind: 'drop-before' }
const ERROR: Fault = { kind: 'respond', status: 500, body: { error: 'played by the test' } }
const FAULTS: readonly Fault[] = [CONFLICT, TIMEOUT, LOST, RESET, ERROR]

/** Every release with nothing wrong. */
export function quietCases(): readonly SidecarCase[] {
  return PROFILES.map(profile => sidecarCase(profile, 'quiet', []))
}

/**
 * Every fault at every submission and at every first question about a task, in every era. A node meets several: none of
 * them twice, so that it waits for one timeout at most.
 */
export function instantCases(): readonly SidecarCase[] {
  const groups = [[0, 3], [1, 4], [2, 5], [6]]
  return ERAS.flatMap(profile =>
    groups.flatMap(steps =>
      FAULTS.map((_, shift) => {
        const troubles = steps.flatMap((step, i) => [
          trouble('submit', SUBMITTED[step], FAULTS[(shift + i) % FAULTS.length]),
          trouble('ask', SUBMITTED[(step + 1) % SUBMITTED.length], FAULTS[(shift + i + 2) % FAULTS.length]),
        ])
        const asked = troubles.filter(({ target }) => canHappen(target, profile))
        return sidecarCase(profile, `instant-${steps.join('-')}-${shift}`, asked)
      }),
    ),
  )
}

/** The answer to a submission is lost while the task runs on: a second would run beside the first. */
export function slowCases(): readonly SidecarCase[] {
  return ERAS.flatMap(profile => {
    const lost = [
      [0, 2, 4, 6],
      [1, 3, 5],
    ].map(steps => slowCase(profile, 'lost', LOST, 600, steps))
    if (profileOf(profile).clientIds) return lost
    // A sidecar that ignores ids cannot distinguish a repeat from another task.
    const late = [[0, 4], [1, 5], [2, 6], [3]].map(steps =>
      slowCase(profile, 'timeout', TIMEOUT, TOO_LATE_MS + 300, steps),
    )
    return [...lost, ...late]
  })
}

/** The answer is lost, and then the answers about what became of the task. */
export function doubleCases(): readonly SidecarCase[] {
  const type = 'config-apply'
  const faults = [CONFLICT, LOST, RESET, ERROR]
  return ERAS.map(profile => {
    const targets: readonly Target[] = profileOf(profile).clientIds
      ? [{ kind: 'ask', type }]
      : [{ kind: 'look-up' }, { kind: 'list' }]
    const afterwards = targets.flatMap(target => faults.map(fault => ({ target, fault })))
    return sidecarCase(profile, 'double', [trouble('submit', type, LOST), ...afterwards])
  })
}

/** The answer is lost, and then the sidecar restarts: one with an in-memory store has lost the task's result. */
export function restartCases(): readonly SidecarCase[] {
  const type = 'config-apply'
  return ERAS.map(profile => {
    const { clientIds, store } = profileOf(profile)
    const target: Target = clientIds ? { kind: 'ask', type } : { kind: 'look-up' }
    const troubles = [trouble('submit', type, LOST), { target, fault: RESET, kills: true }]
    const expected = executedFor(profile).flatMap(each => (each === type && store === 'memory' ? [each, each] : [each]))
    return sidecarCase(profile, 'restart', troubles, {}, expected)
  })
}

function slowCase(profile: string, what: string, fault: Fault, ms: number, steps: readonly number[]): SidecarCase {
  const types = steps.flatMap(step => SUBMITTED[step] ?? []).filter(type => executedFor(profile).includes(type))
  const troubles = types.map(type => trouble('submit', type, fault))
  const durations = Object.fromEntries(types.map(type => [type, ms]))
  return sidecarCase(profile, `slow-${what}-${steps.join('-')}`, troubles, durations)
}

function trouble(kind: 'submit' | 'ask', type = '', fault: Fault = LOST): Trouble {
  return { target: { kind, type }, fault }
}

/** A task that the release does not have is submitted, refused, and never asked about. */
function canHappen(target: Target, profile: string): boolean {
  return target.kind !== 'ask' || executedFor(profile).includes(target.type)
}

function sidecarCase(
  profile: string,
  what: string,
  troubles: readonly Trouble[],
  durations: Readonly<Record<string, number>> = {},
  expected = executedFor(profile),
): SidecarCase {
  return { name: `${profile.replaceAll('.', '-')}-${what}`, profile, troubles, durations, expected }
}
