/** The page of one node: `drawNode`. Pure. */
import { POOL_LABEL } from '../../../api/names.ts'
import type { SeiNode } from '../../../api/seinode.ts'
import type { TaskPlan } from '../../../api/seinode-status.ts'
import { findCondition } from '../../../lib/conditions.ts'
import type { NodeDetails } from '../../cluster/details.ts'
import type { FleetNode } from '../../cluster/fleet.ts'
import { ageOf } from '../../output/duration.ts'
import { createStyle } from '../../output/style.ts'
import { liveOf, type Pair, summary, validator, volume } from '../../status/node-view.ts'
import { readinessOf } from '../../status/readiness.ts'
import { type Drawn, html, type Html, NOTHING, Parts } from '../markup.ts'
import type { Scene } from '../scene.ts'
import {
  commandFor,
  commandList,
  conditionTable,
  eventTable,
  noteList,
  wrongCards,
  type Subject,
  unreadableNote,
} from './findings.ts'
import { heightCharts } from './height-charts.ts'
import { planProgress, timeline } from './plan.ts'
import { badge, linkTo, stateOf } from './words.ts'

const PLAIN = createStyle(false)

/** @param details undefined while they are not read */
export function drawNode(scene: Scene, found: FleetNode, details: NodeDetails | undefined): Drawn {
  const { node } = found
  const { now } = scene
  const { status, metadata } = node
  const parts = new Parts()
  const subject: Subject = { kind: 'node', namespace: metadata.namespace ?? '', name: metadata.name }
  const known: NodeDetails = { claim: undefined, events: [], unreadable: [], ...details, ...found }
  const isBootstrapped = status?.initPlan?.phase === 'Complete'
  const bootstrap = parts.add('bootstrap', planSection('bootstrap', 'Bootstrap', status?.initPlan, now))
  const skeleton = html`${parts.add('head', head(node))}
    ${parts.add('findings', html`<div id="findings">${wrongCards(subject, status?.conditions, now)}${unreadableNote(known.unreadable, metadata.namespace)}</div>`)}
    ${isBootstrapped ? NOTHING : bootstrap}
    <div class="columns">
      ${parts.add(
        'facts',
        html`<section id="facts">
          <h2>Node</h2>
          ${pairs([...summary(known, now, PLAIN).filter(([title]) => !HEAD.has(title)), ...liveOf(known, now)])}
        </section>`,
      )}
      ${parts.add('charts', html`<div id="charts">${heightCharts(scene.samplesOf(metadata), now)}</div>`)}
    </div>
    ${parts.add('notes', html`<div id="notes">${noteList(subject, status?.conditions)}</div>`)}
    ${isBootstrapped ? bootstrap : NOTHING}
    ${parts.add('update', planSection('update', 'Change of configuration', status?.updatePlan, now))}
    ${parts.add('more', html`<div id="more" class="columns">${rollout(node, now)}${listSection('Volume', details ? volume(known) : [])}${listSection('Validator', validator(known))}${recurring(node, now)}</div>`)}
    ${parts.add('commands', html`<div id="commands">${commandList(commandsOf(subject, node))}</div>`)}
    ${parts.add('events', html`<div id="events">${eventTable(details?.events, now)}</div>`)}
    ${parts.add('conditions', html`<div id="conditions">${conditionTable('node', status?.conditions, now)}</div>`)}`
  return parts.draw(metadata.name, skeleton)
}

/** What the head of the page says already. */
const HEAD: ReadonlySet<string> = new Set(['Phase', 'Ready'])

function head({ metadata, status }: SeiNode): Html {
  const pool = metadata.labels?.[POOL_LABEL]
  const { namespace = '', name } = metadata
  return html`<div id="head" class="head">
    <nav aria-label="Where this is">
      <a href="/">Fleet</a>${pool !== undefined && html` / ${linkTo('pool', { namespace, name: pool })}`}
    </nav>
    <h1>${name} <small>SeiNode in namespace ${namespace}</small></h1>
    <p>${badge(stateOf(status?.phase ?? 'Pending', readinessOf(status?.conditions)))}</p>
  </div>`
}

export function pairs(list: readonly Pair[]): Html {
  return html`<dl class="pairs">
    ${list.map(
      ([title, text]) =>
        html`<div>
          <dt>${title}</dt>
          <dd>${text}</dd>
        </div>`,
    )}
  </dl>`
}

function listSection(title: string, list: readonly Pair[]): Html {
  return list.length === 0
    ? NOTHING
    : html`<section>
        <h2>${title}</h2>
        ${pairs(list)}
      </section>`
}

function planSection(id: string, title: string, plan: TaskPlan | undefined, now: number): Html {
  if (!plan) return html`<div id="${id}"></div>`
  return html`<section id="${id}">
    <h2>${title} <small>${plan.phase.toLowerCase()}</small></h2>
    ${planProgress(plan, now)}${timeline(plan, now)}
  </section>`
}

function rollout({ status }: SeiNode, now: number): Html {
  const change = status?.rollout
  if (!change) return NOTHING
  const { phase, cause, since, node } = change
  return listSection('Rollout', [
    ['State', `${phase === 'Waiting' ? 'waits with its change' : 'gets its change'} for ${ageOf(since, now)}`],
    ['Cause', cause === 'Spec' ? 'the spec' : "the operator's version or settings"],
    ...(node === undefined ? [] : [['Waits for', node] as const]),
  ])
}

function recurring({ status }: SeiNode, now: number): Html {
  const tasks = status?.recurringTasks ?? []
  return listSection(
    'Recurring tasks',
    tasks.flatMap(({ type, schedule, lastScheduleTime, lastResult, nextScheduleTime }) => {
      const last =
        lastScheduleTime === undefined
          ? 'never ran'
          : `${lastResult?.status ?? 'sent'} ${ageOf(lastScheduleTime, now)} ago`
      const next = nextScheduleTime === undefined ? '' : `, next at ${nextScheduleTime}`
      const error = lastResult?.error === undefined ? '' : `: ${lastResult.error}`
      return [[type, `${schedule ?? ''} ${last}${next}${error}`.trim()] as const]
    }),
  )
}

function commandsOf(subject: Subject, { status }: SeiNode): readonly (readonly [string, Html])[] {
  const is = (type: string): boolean => findCondition(status?.conditions, type)?.status === 'True'
  const isFailed = status?.initPlan?.phase === 'Failed' || status?.updatePlan?.phase === 'Failed'
  return [
    ...(isFailed ? [['Resume the plan at the failed task', commandFor('retry', subject)] as const] : []),
    ...(is('Ready') ? [] : [['Wait until it is ready', commandFor('wait --for ready', subject)] as const]),
    ['Everything about it', commandFor('status', subject)],
    ['What it owns', commandFor('tree', subject)],
    ['Follow its log', commandFor('logs -f', subject)],
    ...(status?.phase === 'Running' ? [['Restart seid', commandFor('restart', subject)] as const] : []),
    is('Paused')
      ? ['Let the operator change it again', commandFor('resume', subject)]
      : ['Keep the operator from changing it', commandFor('pause', subject)],
  ]
}
