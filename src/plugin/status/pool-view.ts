/** Everything about one pool: `renderPool`. Pure. */
import type { PoolDetails } from '../cluster/details.ts'
import { ageOf } from '../output/duration.ts'
import { renderPairs, styled } from '../output/table.ts'
import type { Style } from '../output/style.ts'
import { fleetRows, renderFleet } from './fleet-view.ts'
import { readinessOf, readyCell } from './readiness.ts'
import { conditionSections, eventSection, renderSections, unreadableSection } from './sections.ts'

export function renderPool(
  { pool, members, events, unreadable }: PoolDetails,
  now: number,
  style: Style,
): readonly string[] {
  const { metadata, spec, status } = pool
  const { genesis, rollout } = status ?? {}
  const pairs: readonly (readonly [string, string])[] = [
    ['Chain', spec.chainId],
    ['Image', spec.nodeConfiguration.image],
    ['Phase', status?.phase ?? 'Pending'],
    ['Ready', styled(readyCell(readinessOf(status?.conditions)), style)],
    ['Nodes', `${status?.readyNodes ?? 0} of ${spec.nodeConfiguration.nodeCount} ready`],
    ...(genesis?.hash === undefined
      ? []
      : [['Genesis', `sha256 ${genesis.hash}, ${ageOf(genesis.completedAt, now)} ago`] as const]),
    ...(status?.firstBlockAt === undefined ? [] : [['First block', `${ageOf(status.firstBlockAt, now)} ago`] as const]),
    ['Age', ageOf(metadata.creationTimestamp, now)],
  ]
  const rows = fleetRows({ nodes: members, pools: [] })
  const silent = members.flatMap(({ node, live }) =>
    live.kind === 'unknown' ? [`${node.metadata.name}: height unknown: ${live.why}`] : [],
  )
  const change = rollout
    ? renderPairs(
        [
          ['Node', rollout.node ?? 'none yet'],
          ['Since', `${ageOf(rollout.since, now)} ago`],
          ...(rollout.revision === undefined ? [] : [['Revision', rollout.revision] as const]),
        ],
        style,
      )
    : []
  return renderSections(
    [
      {
        title: '',
        lines: [style.bold(`SeiNodePool ${metadata.namespace}/${metadata.name}`), ...renderPairs(pairs, style)],
      },
      ...conditionSections({ kind: 'pool', name: metadata.name }, status?.conditions, now, style),
      { title: 'Nodes', lines: rows.length === 0 ? [] : [...renderFleet(rows, false, now, style), ...silent] },
      { title: 'Rollout', lines: change },
      eventSection(events, now, style),
      unreadableSection(unreadable, metadata.namespace ?? ''),
    ],
    style,
  )
}
