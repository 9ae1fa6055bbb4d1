/** Which pods were down at the same time: `downTogether`. */
import type { NamespaceView } from '../support/namespace-view.ts'
import { isPodReady } from '../support/fake-node-fixture.ts'

/** @returns names that were down together, joined; it fills while the view is open. The pods are up when it is called. */
export function downTogether(view: NamespaceView, names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  const up = new Map(names.map(name => [name, true]))
  view.pods.subscribe(({ type, object }) => {
    const name = object.metadata?.name ?? ''
    if (!up.has(name)) return
    up.set(name, type !== 'deleted' && isPodReady(object))
    const down = [...up].filter(([, is]) => !is).map(([one]) => one)
    if (down.length > 1) found.add(down.join(' and '))
  })
  return found
}
