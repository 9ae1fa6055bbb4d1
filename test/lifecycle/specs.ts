/** Specs that scenarios begin with, and the ways in which their sidecars misbehave. */
import type { Fault, SeenRequest, TaskBehaviour } from '../../testing/fakes/sidecar/index.ts'
import { SUBMITTED } from '../support/bootstrap-spec.ts'
import { GENESIS_SPEC } from '../support/operator-fixture.ts'
import { isRecord } from '../../src/sidecar/task-result.ts'
import type { SpecInput } from './living-node.ts'

export const PEER_A = `${'ab'.repeat(20)}@a.example.com:26656`
export const PEER_B = `${'cd'.repeat(20)}@b.example.com:26656`

export const RETAINED: SpecInput = { ...GENESIS_SPEC, storage: { retainOnDelete: true } }

/** A node whose sidecar is of that release. */
export function sidecarOf(release: string, spec: Partial<SpecInput> = {}): SpecInput {
  return { ...GENESIS_SPEC, ...spec, sidecar: { image: `ghcr.io/sei-protocol/seictl:${release}` } }
}

/** A node that restores a snapshot: the longest bootstrap. */
export function restoreSpec(s3: { readonly uri?: string } = {}): SpecInput {
  return {
    ...GENESIS_SPEC,
    peers: [{ static: { addresses: [PEER_A] } }],
    snapshot: { s3: { uri: 's3://snapshots/arctic-1/', region: 'us-east-2', ...s3 } },
  }
}

/** The bootstrap of `restoreSpec`. */
export const RESTORE_TASKS: readonly string[] = SUBMITTED

/** What a change of configuration makes of a running node, the restart at its end included. */
export const UPDATE: readonly string[] = ['config-apply', 'config-validate', 'mark-ready']
export const UPDATE_WITH_PEERS: readonly string[] = ['config-apply', 'discover-peers', 'config-validate', 'mark-ready']

/** The first `times` runs of a task fail. */
export function failing(task: string, times: number, error = `${task}: it does not work`): TaskBehaviour {
  return (type, _params, attempt) => (type === task && attempt <= times ? { fail: error } : undefined)
}

/** The task never ends, in the sidecars that start from now on. */
export function stuckIn(task: string): { readonly tasks: TaskBehaviour } {
  return { tasks: type => (type === task ? { durationMs: 3_600_000 } : undefined) }
}

/** The first `times` submissions of a task are answered so, and not carried out. */
export function answering(
  task: string,
  times: number,
  status: number,
  body: object,
): (request: SeenRequest) => Fault | undefined {
  let left = times
  return request => {
    if (!isSubmission(request, task) || left === 0) return undefined
    left -= 1
    return { kind: 'respond', status, body }
  }
}

/** The first submission of each task is carried out, and the connection cut before the answer. */
export function losingAnswers(): (request: SeenRequest) => Fault | undefined {
  const lost = new Set<string>()
  return ({ method, body }) => {
    const type = method === 'POST' && isRecord(body) ? String(body['type']) : undefined
    if (type === undefined || lost.has(type)) return undefined
    lost.add(type)
    return { kind: 'drop-after' }
  }
}

function isSubmission({ method, body }: SeenRequest, task: string): boolean {
  return method === 'POST' && isRecord(body) && body['type'] === task
}
