/** How kstatus, and with it Flux, reads the status of a custom resource: `kstatusOf`. */
import type { Condition } from '../../src/api/status.ts'

export type Kstatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating'

export interface KstatusObject {
  readonly metadata: { readonly generation?: number; readonly deletionTimestamp?: string }
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly Condition[] }
}

/** The rules of `sigs.k8s.io/cli-utils/pkg/kstatus` for kinds that it does not know. */
export function kstatusOf({ metadata, status = {} }: KstatusObject): Kstatus {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating'
  const { observedGeneration, conditions = [] } = status
  if (observedGeneration !== undefined && observedGeneration !== metadata.generation) return 'InProgress'
  const is = (type: string): Condition['status'] | undefined => conditions.find(each => each.type === type)?.status
  if (is('Reconciling') === 'True') return 'InProgress'
  if (is('Stalled') === 'True') return 'Failed'
  const ready = is('Ready')
  return ready === undefined || ready === 'True' ? 'Current' : 'InProgress'
}
