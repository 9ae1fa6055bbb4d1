/** Which pods were down at the same time: `downTogether`. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import type { NamespaceView } from '../support/namespace-view.ts'

/** @returns names that were down together, joined; it fills while the view is open. The pods are up when it is called. */
export function downTogether(view: NamespaceView, names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  const up = new Map(names.map(name => [name, true]))
  view.pods.subscribe(({ type, object }) => {
    const name = object.metadata?.name ?? ''
    if (!up.has(name)) return
    up.set(name, type !== 'deleted' && isUp(object))
    const down = [...up].filter(([, is]) => !is).map(([one]) => one)
    if (down.length > 1) found.add(down.join(' and '))
  })
  return found
}

export function isUp({ metadata, status }: Readonly<Pod>): boolean {
  const isReady = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true
  return isReady && metadata?.deletionTimestamp === undefined
}
