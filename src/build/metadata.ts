/** Labels and annotations of the user beside the operator's: `withUserMetadata`, `podLabels`. */
import type { ObjectMetadata } from '../api/placement.ts'
import type { SeiNode } from '../api/seinode.ts'
import { nodeLabels } from './labels.ts'

interface Marks {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** The operator's win. Later `added` win over earlier ones. */
export function withUserMetadata(
  own: Marks,
  ...added: readonly (ObjectMetadata | undefined)[]
): { labels: Record<string, string>; annotations?: Record<string, string> } {
  const annotations = merged(
    own.annotations,
    added.map(each => each?.annotations),
  )
  return {
    labels: merged(
      own.labels,
      added.map(each => each?.labels),
    ),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  }
}

/** Labels of the node's pod, without those of the StatefulSet's controller. */
export function podLabels(node: SeiNode): Record<string, string> {
  return withUserMetadata({ labels: nodeLabels(node) }, node.spec.podMetadata).labels
}

function merged(
  own: Readonly<Record<string, string>> = {},
  added: readonly (Readonly<Record<string, string>> | undefined)[],
): Record<string, string> {
  return Object.assign({}, ...added, own)
}
