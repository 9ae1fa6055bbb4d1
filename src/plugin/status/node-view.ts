/** Everything about one node: `renderNode`. Pure. */
import type { RecurringTask, SeiNodeStatus, TaskPlan } from '../../api/seinode-status.ts'
import { SEID_CONTAINER } from '../../api/names.ts'
import { effectiveMode } from '../../api/mode.ts'
import { childNames } from '../../build/names.ts'
import { containerStatus } from '../../controllers/shared/pods/pod-state.ts'
import { completedCount } from '../../plan/task-plan.ts'
import type { NodeDetails } from '../cluster/details.ts'
import { ageOf } from '../output/duration.ts'
import { renderPairs, renderTable, styled } from '../output/table.ts'
import type { Style } from '../output/style.ts'
import { planLines } from './plan-view.ts'
import { readinessOf, readyCell } from './readiness.ts'
import { conditionSections, eventSection, renderSections, type Section, unreadableSection } from './sections.ts'

export type Pair = readonly [title: string, text: string]

export function renderNode(details: NodeDetails, now: number, style: Style): readonly string[] {
  const { node, unreadable, events } = details
  const { status, metadata } = node
  const pairs = [...summary(details, now, style), ...liveOf(details, now)]
  return renderSections(
    [
      {
        title: '',
        lines: [style.bold(`SeiNode ${metadata.namespace}/${metadata.name}`), ...renderPairs(pairs, style)],
      },
      ...conditionSections({ kind: 'node', name: metadata.name }, status?.conditions, now, style),
      planSection('Bootstrap', status?.initPlan, now, style),
      planSection('Change of configuration', status?.updatePlan, now, style),
      { title: 'Recurring tasks', lines: recurring(status?.recurringTasks ?? [], now, style) },
      { title: 'Rollout', lines: rollout(status?.rollout, now, style) },
      { title: 'Volume', lines: renderPairs(volume(details), style) },
      { title: 'Validator', lines: renderPairs(validator(details), style) },
      eventSection(events, now, style),
      unreadableSection(unreadable, metadata.namespace ?? ''),
    ],
    style,
  )
}

export function summary({ node, pod }: NodeDetails, now: number, style: Style): readonly Pair[] {
  const { spec, status, metadata } = node
  const seid = pod && containerStatus(pod, SEID_CONTAINER)
  const { running, waiting, terminated } = seid?.state ?? {}
  const seidSays = running
    ? `seid runs for ${ageOf(running.startedAt, now)}`
    : terminated
      ? `seid ended with ${terminated.exitCode} ${ageOf(terminated.finishedAt, now)} ago`
      : `seid has not started${waiting?.reason === undefined ? '' : ` (${waiting.reason})`}`
  const restarts = seid?.restartCount ? `, ${seid.restartCount} restarts` : ''
  const where = pod?.spec?.nodeName === undefined ? '' : ` on ${pod.spec.nodeName}`
  return [
    ['Chain', `${spec.chainId}, mode ${status?.mode ?? effectiveMode(spec)}`],
    ['Image', status?.upgrade?.image ?? spec.image],
    ['Phase', status?.phase ?? 'Pending'],
    ['Ready', styled(readyCell(readinessOf(status?.conditions)), style)],
    ['Pod', pod ? `${pod.metadata?.name}${where}, ${seidSays}${restarts}` : `${childNames(node).pod} does not exist`],
    ['Age', ageOf(metadata.creationTimestamp, now)],
  ]
}

export function liveOf({ live, node }: NodeDetails, now: number): readonly Pair[] {
  if (live.kind === 'unknown') {
    const { height, since } = node.status?.chain ?? {}
    const recorded = height === undefined ? '' : `; it was at ${height} ${ageOf(since, now)} ago`
    return [['Height', `unknown: ${live.why}${recorded}`]]
  }
  const { height, blockTime, isCatchingUp, maxPeerHeight, peers, nodeID } = live.answer
  const age =
    blockTime === undefined || height === 0 ? '' : `, block of ${ageOf(new Date(blockTime).toISOString(), now)} ago`
  const behind = maxPeerHeight > height ? `, ${maxPeerHeight - height} blocks behind its peers` : ''
  return [
    ['Height', `${height}${age}${behind}${isCatchingUp ? ', catching up' : ''}`],
    ['Peers', peers === undefined ? 'unknown' : String(peers)],
    ...(nodeID === undefined ? [] : [['Node id', nodeID] as const]),
  ]
}

function planSection(title: string, plan: TaskPlan | undefined, now: number, style: Style): Section {
  if (!plan) return { title, lines: [] }
  const head = `${title} ${plan.phase.toLowerCase()}, ${completedCount(plan)} of ${plan.tasks.length} tasks`
  return { title: head, lines: planLines(plan, now, style) }
}

function recurring(tasks: readonly RecurringTask[], now: number, style: Style): readonly string[] {
  if (tasks.length === 0) return []
  const table = renderTable(
    [
      { title: 'TASK', cell: ({ type }) => type },
      { title: 'SCHEDULE', cell: ({ schedule = '-' }) => schedule },
      {
        title: 'LAST',
        cell: ({ lastScheduleTime, lastResult }) =>
          lastScheduleTime === undefined
            ? '-'
            : {
                text: `${lastResult?.status ?? 'sent'} ${ageOf(lastScheduleTime, now)} ago`,
                style: lastResult?.status === 'Failed' ? 'bad' : 'good',
              },
      },
      { title: 'NEXT', cell: ({ nextScheduleTime = '-' }) => nextScheduleTime },
    ],
    tasks,
    style,
  )
  const said = tasks.flatMap(({ type, lastResult, note }) =>
    [lastResult?.error, note].flatMap(text => (text === undefined ? [] : [`${type}: ${text}`])),
  )
  return [...table, ...said]
}

function rollout(change: SeiNodeStatus['rollout'], now: number, style: Style): readonly string[] {
  if (!change) return []
  const { phase, cause, since, node, revision } = change
  const what = phase === 'Waiting' ? 'A change that restarts the pod waits' : 'A change is under way to the pod'
  return renderPairs(
    [
      ['State', `${what}, for ${ageOf(since, now)}`],
      ['Cause', cause === 'Spec' ? 'the spec' : "the operator's version or settings"],
      ...(node === undefined ? [] : [['Waits for', node] as const]),
      ['Revision', revision],
    ],
    style,
  )
}

export function volume({ claim, node }: NodeDetails): readonly Pair[] {
  const { dataVolume } = node.status ?? {}
  if (!claim && !dataVolume) return []
  const { phase = 'not there', capacity } = claim?.status ?? {}
  const wanted = claim?.spec?.resources?.requests?.['storage']
  const size = capacity?.['storage']
  const grows = size !== undefined && wanted !== undefined && wanted !== size ? `, asked for ${wanted}` : ''
  const full = dataVolume?.fullOn === undefined ? '' : `, full on ${dataVolume.fullOn} at today's pace`
  return [
    ['Claim', `${claim?.metadata?.name ?? dataVolume?.claimName ?? ''}, ${phase}`],
    ...(size === undefined ? [] : [['Size', `${size}${grows}`] as const]),
    ['Use', `${dataVolume?.use ?? 'unknown'}${full}`],
    ...(claim?.spec?.storageClassName === undefined ? [] : [['Class', claim.spec.storageClassName] as const]),
    ...(claim?.spec?.volumeName === undefined ? [] : [['Volume', claim.spec.volumeName] as const]),
  ]
}

export function validator({ node, live }: NodeDetails): readonly Pair[] {
  const { validator: key, chain } = node.status ?? {}
  const power = live.kind === 'known' ? live.answer.votingPower : undefined
  const address = (live.kind === 'known' ? live.answer.validatorAddress : undefined) ?? chain?.validatorAddress
  if (!key && !(power !== undefined && power > 0)) return []
  return [
    ...(key ? [['Key', key.consensusAddress] as const] : []),
    ...(address === undefined ? [] : [['Address', address] as const]),
    ['Voting power', power === undefined ? 'unknown' : String(power)],
    ...(key ? [['Reservation', key.reservation ?? 'none'] as const] : []),
  ]
}
