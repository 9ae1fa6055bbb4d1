/** Tables of nodes with their heights over time: `nodeTable`. Pure. */
import type { FleetRow } from '../../status/fleet-view.ts'
import { html, type Html, partId, type Parts } from '../markup.ts'
import type { Sample } from '../history.ts'
import type { Scene } from '../scene.ts'
import { bar, sparkline } from './sparkline.ts'
import { badge, grouped, linkTo, stateOf } from './words.ts'

export interface RowContext extends Pick<Scene, 'isAllNamespaces' | 'samplesOf'> {
  readonly parts: Parts
}

/** @param label names the table and its region @param rows pools, each before its nodes, and nodes */
export function nodeTable(label: string, rows: readonly FleetRow[], context: RowContext): Html {
  const { isAllNamespaces, parts } = context
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">
    <table class="nodes">
      <caption class="hidden">
        ${label}
      </caption>
      <thead>
        <tr>
          ${isAllNamespaces && html`<th scope="col">Namespace</th>`}
          <th scope="col" class="w-name">Name</th>
          <th scope="col" class="w-state">State</th>
          <th scope="col" class="number w-drawn">Height</th>
          <th scope="col" class="number w-drawn">Behind</th>
          <th scope="col" class="number minor w-small">Peers</th>
          <th scope="col" class="w-drawn">Volume</th>
          <th scope="col" class="minor w-mode">Mode</th>
          <th scope="col" class="minor">Image</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(row => {
          const id = partId(`row-${row.kind}`, row)
          return parts.add(id, row.kind === 'pool' ? poolRow(id, row, context) : nodeRow(id, row, context))
        })}
      </tbody>
    </table>
  </div>`
}

function poolRow(id: string, row: FleetRow, { isAllNamespaces }: RowContext): Html {
  const { ready = 0, total = 0 } = row.nodes ?? {}
  const tone = ready >= total ? 'good' : 'warn'
  return html`<tr id="${id}" class="pool">
    ${isAllNamespaces && html`<td>${row.namespace}</td>`}
    <th scope="row">${linkTo('pool', row)}</th>
    <td>${badge(stateOf(row.phase, row.ready))}</td>
    <td colspan="2">
      <span class="measure"
        >${bar(total === 0 ? 0 : ready / total, tone, `${ready} of ${total} nodes ready`)}
        <span class="nowrap">${ready} of ${total} ready</span></span
      >
    </td>
    <td class="minor"></td>
    <td></td>
    <td class="minor">pool</td>
    <td class="minor image">${imageName(row.image)}</td>
  </tr>`
}

/** Blocks that a node may be behind because the nodes are not asked at the same moment. */
const SIMULTANEOUS_BLOCKS = 20

function nodeRow(id: string, row: FleetRow, { isAllNamespaces, samplesOf }: RowContext): Html {
  const samples = samplesOf(row)
  const { height, peers, mode = '', disk } = row
  const lag = height === undefined ? undefined : samples.at(-1)?.lag
  const isBehind = (lag ?? 0) > SIMULTANEOUS_BLOCKS
  const heights = samples.map(({ at, height: value }) => ({ at, value }))
  return html`<tr id="${id}" ${row.pool !== undefined && html` class="member"`}>
    ${isAllNamespaces && html`<td>${row.namespace}</td>`}
    <th scope="row">${linkTo('node', row)}</th>
    <td>${badge(stateOf(row.phase, row.ready))}</td>
    <td class="number">
      <span class="measure"
        >${sparkline({ label: 'height over time', points: heights, minRange: 10, kind: 'height' })}${number(height)}</span
      >
    </td>
    <td class="number${isBehind && ' warn'}">
      <span class="measure"
        >${sparkline({ label: 'blocks behind over time', points: lagPoints(samples), minRange: SIMULTANEOUS_BLOCKS, kind: 'lag' })}${number(lag)}</span
      >
    </td>
    <td class="number minor${peers === 0 && ' warn'}">${number(peers)}</td>
    <td>${use(disk)}</td>
    <td class="minor">${mode}</td>
    <td class="minor image">${imageName(row.image)}</td>
  </tr>`
}

export function lagPoints(samples: readonly Sample[]): readonly { readonly at: number; readonly value: number }[] {
  return samples.flatMap(({ at, lag }) => (lag === undefined ? [] : [{ at, value: lag }]))
}

function number(value: number | undefined): Html {
  return value === undefined
    ? html`<span class="dim">–<span class="hidden">unknown</span></span>`
    : html`<span>${grouped(value)}</span>`
}

/** @param text such as `75%` */
function use(text: string | undefined): Html {
  if (text === undefined) return html`<span class="dim">–<span class="hidden">unknown</span></span>`
  const share = Number.parseInt(text, 10) / 100
  const tone = share >= 0.9 ? 'bad' : share >= 0.8 ? 'warn' : 'good'
  return html`<span class="measure">${bar(share, tone, `${text} of the volume in use`)} ${text}</span>`
}

/** Without the registry, which is the same for most. */
function imageName(image: string): string {
  return image.slice(image.lastIndexOf('/') + 1)
}
