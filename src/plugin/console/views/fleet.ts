/** All nodes and pools by chain, with what needs attention first: `drawFleet`. Pure. */
import { findCondition } from '../../../lib/conditions.ts'
import { ageOf } from '../../output/duration.ts'
import { type FleetRow, fleetRows } from '../../status/fleet-view.ts'
import { fullMessage } from '../../status/readiness.ts'
import { type Drawn, html, type Html, Parts } from '../markup.ts'
import type { Scene } from '../scene.ts'
import { nodeTable } from './fleet-rows.ts'
import { planProgress } from './plan.ts'
import { grouped, linkTo, plural } from './words.ts'

/** Bootstraps that are shown; of a large fleet that starts, the others are counted. */
const MAX_BOOTSTRAPS = 20

export function drawFleet(scene: Scene): Drawn {
  const { fleet, warning, place } = scene
  const parts = new Parts()
  const rows = fleetRows(fleet)
  const chains = Map.groupBy(rows, ({ chain }) => chain)
  const skeleton = html`<h1 class="hidden">Fleet of ${place}</h1>
    ${warning !== undefined && html`<p class="notice bad" role="alert">${parts.add('warning', html`<span id="warning">${warning}</span>`)}</p>`}
    ${parts.add('summary', summary(rows, scene))}
    ${rows.length === 0 && html`<p class="empty">There is no SeiNode or SeiNodePool in ${place}.</p>`}
    ${parts.add('attention', attention(scene))} ${parts.add('bootstraps', bootstraps(scene))}
    ${parts.add('rollouts', rollouts(scene))}
    ${[...chains]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(
        ([chain, ofChain]) =>
          html`<section class="chain">
            <h2>${chain} ${parts.add(`head-${chain}`, chainLine(chain, ofChain))}</h2>
            ${nodeTable(`Nodes of ${chain}`, ofChain, { ...scene, parts })}
          </section>`,
      )}
    ${parts.add('missing', missing(scene))}`
  return parts.draw('Fleet', skeleton)
}

function summary(rows: readonly FleetRow[], { fleet }: Scene): Html {
  const nodes = rows.filter(({ kind }) => kind === 'node')
  const ready = nodes.filter(row => row.ready.status === 'True').length
  const stalled = rows.filter(row => row.ready.isStalled).length
  const tiles: readonly (readonly [number, string, string])[] = [
    [nodes.length, nodes.length === 1 ? 'node' : 'nodes', ''],
    [ready, 'ready', ready === nodes.length && ready > 0 ? 'good' : ''],
    [bootstrapping(fleet).length, 'bootstrapping', ''],
    [rolling(fleet).length, 'in a rollout', ''],
    [stalled, stalled === 1 ? 'needs a person' : 'need a person', stalled > 0 ? 'bad' : ''],
  ]
  return html`<ul id="summary" class="tiles" aria-label="Summary">
    ${tiles.map(([count, what, tone]) => html`<li class="${tone}"><strong>${count}</strong> ${what}</li>`)}
  </ul>`
}

/** What is stalled, with why. */
function attention({ fleet: { nodes, pools } }: Scene): Html {
  const objects = [
    ...pools.map(object => ({ kind: 'pool', object }) as const),
    ...nodes.map(({ node: object }) => ({ kind: 'node', object }) as const),
  ]
  const stalled = objects.flatMap(({ kind, object }) => {
    const conditions = object.status?.conditions
    const found = findCondition(conditions, 'Stalled')
    return found?.status === 'True' ? [{ kind, object, found, why: fullMessage(found, conditions ?? []) }] : []
  })
  if (stalled.length === 0) return html`<div id="attention"></div>`
  return html`<section id="attention" aria-labelledby="attention-title">
    <h2 id="attention-title">A person is needed</h2>
    <ul class="findings">
      ${stalled.map(
        ({ kind, object, found, why }) =>
          html`<li class="card bad">
            <h3>${linkTo(kind, object.metadata)}: ${found.reason}</h3>
            <p>${why}</p>
          </li>`,
      )}
    </ul>
  </section>`
}

function bootstrapping({ nodes }: Scene['fleet']) {
  return nodes.flatMap(({ node }) => {
    const plan = node.status?.initPlan
    return plan && plan.phase !== 'Complete' ? [{ node, plan }] : []
  })
}

function bootstraps({ fleet, now }: Scene): Html {
  const all = bootstrapping(fleet).toSorted((a, b) => a.node.metadata.name.localeCompare(b.node.metadata.name))
  if (all.length === 0) return html`<div id="bootstraps"></div>`
  const more = all.length - MAX_BOOTSTRAPS
  return html`<section id="bootstraps" aria-labelledby="bootstraps-title">
    <h2 id="bootstraps-title">Bootstraps</h2>
    <ul class="lines">
      ${all.slice(0, MAX_BOOTSTRAPS).map(({ node, plan }) => html`<li>${linkTo('node', node.metadata)} ${planProgress(plan, now)}</li>`)}
    </ul>
    ${more > 0 && html`<p class="dim">and ${plural(more, 'other node', 'other nodes')}</p>`}
  </section>`
}

function rolling({ nodes }: Scene['fleet']) {
  return nodes.flatMap(({ node }) => (node.status?.rollout ? [{ node, change: node.status.rollout }] : []))
}

function rollouts({ fleet, now }: Scene): Html {
  const all = rolling(fleet)
  if (all.length === 0) return html`<div id="rollouts"></div>`
  const underway = all.filter(({ change }) => change.phase === 'Underway')
  const waiting = all.length - underway.length
  return html`<section id="rollouts" aria-labelledby="rollouts-title">
    <h2 id="rollouts-title">Rollouts</h2>
    <ul class="lines">
      ${underway.map(({ node, change }) => html`<li>${linkTo('node', node.metadata)} <span>gets a change of ${change.cause === 'Spec' ? 'the spec' : 'the operator'} for ${ageOf(change.since, now)}</span></li>`)}${waiting > 0 && html`<li><span class="dim">${plural(waiting, 'node waits', 'nodes wait')} for others to have the change and work</span></li>`}
    </ul>
  </section>`
}

function chainLine(chain: string, rows: readonly FleetRow[]): Html {
  const nodes = rows.filter(({ kind }) => kind === 'node')
  const ready = nodes.filter(row => row.ready.status === 'True').length
  const heights = nodes.flatMap(({ height }) => (height === undefined ? [] : [height]))
  const head = heights.length === 0 ? 'height unknown' : `height ${grouped(Math.max(...heights))}`
  return html`<small id="head-${chain}">${ready} of ${plural(nodes.length, 'node')} ready, ${head}</small>`
}

/** Why heights are missing. */
function missing({ fleet: { nodes } }: Scene): Html {
  const reasons = new Set(
    nodes.flatMap(({ live }) => (live.kind === 'unknown' && !USUAL.has(live.why) ? [live.why] : [])),
  )
  if (reasons.size === 0) return html`<div id="missing"></div>`
  return html`<div id="missing">
    ${[...reasons].map(why => html`<p class="notice warn">Heights are missing: ${why}.</p>`)}
  </div>`
}

const USUAL: ReadonlySet<string> = new Set(['seid does not run', 'not asked yet'])
