/** The page of one pool: `drawPool`. Pure. */
import { POOL_LABEL } from '../../../api/names.ts'
import type { SeiNodePool } from '../../../api/seinodepool.ts'
import { findCondition } from '../../../lib/conditions.ts'
import type { PoolDetails } from '../../cluster/details.ts'
import { ageOf } from '../../output/duration.ts'
import { fleetRows } from '../../status/fleet-view.ts'
import { readinessOf } from '../../status/readiness.ts'
import { type Drawn, html, type Html, Parts } from '../markup.ts'
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
import { nodeTable } from './fleet-rows.ts'
import { pairs } from './node.ts'
import { planProgress } from './plan.ts'
import { membersOf } from './pool-members.ts'
import { poolPicture } from './pool-picture.ts'
import { badge, linkTo, stateOf } from './words.ts'

/** @param details undefined while they are not read */
export function drawPool(scene: Scene, pool: SeiNodePool, details: PoolDetails | undefined): Drawn {
  const { now } = scene
  const { metadata, status } = pool
  const parts = new Parts()
  const subject: Subject = { kind: 'pool', namespace: metadata.namespace ?? '', name: metadata.name }
  const nodes = scene.fleet.nodes.filter(
    ({ node }) =>
      node.metadata.namespace === metadata.namespace && node.metadata.labels?.[POOL_LABEL] === metadata.name,
  )
  const rows = fleetRows({ nodes, pools: [] })
  const skeleton = html`${parts.add('head', head(pool))}
    ${parts.add('findings', html`<div id="findings">${wrongCards(subject, status?.conditions, now)}${unreadableNote(details?.unreadable, metadata.namespace)}</div>`)}
    ${parts.add('steps', steps(pool))}
    ${parts.add(
      'picture',
      html`<section id="picture">
        <h2>Validators</h2>
        ${poolPicture(membersOf(pool, nodes), metadata)}
      </section>`,
    )}
    ${parts.add('bootstraps', bootstraps(scene, nodes))}
    <section>
      <h2>Nodes</h2>
      ${rows.length > 0 && nodeTable(`Nodes of ${metadata.name}`, rows, { ...scene, isAllNamespaces: false, parts })}
    </section>
    ${parts.add('notes', html`<div id="notes">${noteList(subject, status?.conditions)}</div>`)}
    ${parts.add(
      'facts',
      html`<section id="facts">
        <h2>Pool</h2>
        ${facts(pool, now)}
      </section>`,
    )}
    ${parts.add('commands', html`<div id="commands">${commandList(commandsOf(subject, pool))}</div>`)}
    ${parts.add('events', html`<div id="events">${eventTable(details?.events, now)}</div>`)}
    ${parts.add('conditions', html`<div id="conditions">${conditionTable('pool', status?.conditions, now)}</div>`)}`
  return parts.draw(metadata.name, skeleton)
}

function head({ metadata, status }: SeiNodePool): Html {
  return html`<div id="head" class="head">
    <nav aria-label="Where this is"><a href="/">Fleet</a></nav>
    <h1>${metadata.name} <small>SeiNodePool in namespace ${metadata.namespace ?? ''}</small></h1>
    <p>${badge(stateOf(status?.phase ?? 'Pending', readinessOf(status?.conditions)))}</p>
  </div>`
}

/** By the condition that holds when each is over. */
const STEPS = [
  ['GenesisComplete', 'Genesis ceremony'],
  ['NodesPrepared', 'Volumes prepared'],
  ['NodesReady', 'Nodes ready'],
  ['Ready', 'Blocks are made'],
] as const

/** The birth of the network; nothing once it makes blocks. */
function steps({ status }: SeiNodePool): Html {
  const is = (type: string): boolean => findCondition(status?.conditions, type)?.status === 'True'
  if (status?.firstBlockAt !== undefined) return html`<div id="steps"></div>`
  const current = STEPS.findIndex(([type]) => !is(type))
  return html`<section id="steps">
    <h2>Birth of the network</h2>
    <ol class="steps">
      ${STEPS.map(([type, title], at) => html`<li class="${is(type) ? 'good' : at === current ? 'busy' : 'idle'}">${title}<span class="hidden">, ${is(type) ? 'done' : at === current ? 'under way' : 'waits'}</span></li>`)}
    </ol>
  </section>`
}

function bootstraps({ now }: Scene, nodes: Scene['fleet']['nodes']): Html {
  const all = nodes.flatMap(({ node }) => {
    const plan = node.status?.initPlan
    return plan && plan.phase !== 'Complete'
      ? [html`<li>${linkTo('node', node.metadata)} ${planProgress(plan, now)}</li>`]
      : []
  })
  if (all.length === 0) return html`<div id="bootstraps"></div>`
  return html`<section id="bootstraps">
    <h2>Bootstraps</h2>
    <ul class="lines">
      ${all}
    </ul>
  </section>`
}

function facts({ spec, status, metadata }: SeiNodePool, now: number): Html {
  const { genesis, rollout, firstBlockAt } = status ?? {}
  return pairs([
    ['Chain', spec.chainId],
    ['Image', spec.nodeConfiguration.image],
    ['Nodes', `${status?.readyNodes ?? 0} of ${spec.nodeConfiguration.nodeCount} ready`],
    ...(rollout === undefined
      ? []
      : [['Rollout', `${rollout.node ?? 'chooses a node'} for ${ageOf(rollout.since, now)}`] as const]),
    ...(genesis?.hash === undefined ? [] : [['Genesis', `sha256 ${genesis.hash}`] as const]),
    ...(firstBlockAt === undefined ? [] : [['First block', `${ageOf(firstBlockAt, now)} ago`] as const]),
    ['Age', ageOf(metadata.creationTimestamp, now)],
  ])
}

function commandsOf(subject: Subject, { status }: SeiNodePool): readonly (readonly [string, Html])[] {
  const is = (type: string): boolean => findCondition(status?.conditions, type)?.status === 'True'
  return [
    ...(is('Stalled') && !(is('GenesisComplete') && is('NodesPrepared'))
      ? [['Make failed Jobs again', commandFor('retry', subject)] as const]
      : []),
    ...(is('Ready') ? [] : [['Wait until it is ready', commandFor('wait --for ready', subject)] as const]),
    ['Everything about it', commandFor('status', subject)],
    ['What it owns', commandFor('tree', subject)],
    ['The log of its Job', commandFor('logs', subject)],
    ...(is('Ready') ? [['Restart its nodes one after the other', commandFor('restart', subject)] as const] : []),
    is('Paused')
      ? ['Let the operator change it again', commandFor('resume', subject)]
      : ['Keep the operator from changing it', commandFor('pause', subject)],
  ]
}
