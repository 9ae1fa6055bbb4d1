/** A pool as a picture: `poolPicture`, a ring of its validators with who signs and who gets a change. Pure. */
import { tolerableLosses } from '../../../build/pool/quorum.ts'
import { html, type Html } from '../markup.ts'
import type { ObjectName } from '../scene.ts'
import type { Member } from './pool-members.ts'

const CENTER = 100
const RADIUS = 76
const ROLLOUT_RADIUS = 93

export function poolPicture(members: readonly Member[], { namespace = '' }: ObjectName): Html {
  const total = members.length
  const signing = members.filter(({ signs }) => signs === true).length
  const needed = total - tolerableLosses(total)
  const label = `${signing} of ${total} validators sign; blocks need ${needed}`
  return html`<div class="picture">
    <svg class="ring" viewBox="0 0 200 200" role="img" aria-label="${label}">
      ${members.map(({ tone, index }) => arc(RADIUS, index, total, `piece ${tone}`))}
      ${members.map(({ rollout, index }) => rollout !== undefined && arc(ROLLOUT_RADIUS, index, total, `rollout ${rollout}`))}
      <text x="100" y="98" class="count">${signing}/${total}</text>
      <text x="100" y="116">sign</text>
      <text x="100" y="132" class="small">blocks need ${needed}</text>
    </svg>
    <ul class="members" aria-label="Validators">
      ${members.map(({ name, tone, text, rollout }) => html`<li class="card ${tone}${rollout !== undefined && ` rolling-${rollout}`}"><a href="/nodes/${namespace}/${name}">${name}</a><span>${text}</span>${rollout !== undefined && html`<strong>${rollout === 'now' ? 'gets its change now' : 'waits for its turn'}</strong>`}</li>`)}
    </ul>
  </div>`
}

/** The piece of the ring for one of `total`, clockwise from the top. */
function arc(radius: number, index: number, total: number, className: string): Html {
  if (total === 1) return html`<circle class="${className}" cx="${CENTER}" cy="${CENTER}" r="${radius}" />`
  const gap = Math.min(0.04, 1 / total / 2)
  const [from, to] = [index, index + 1].map(at => (2 * Math.PI * at) / total)
  const point = (angle: number): string =>
    `${(CENTER + radius * Math.sin(angle)).toFixed(1)} ${(CENTER - radius * Math.cos(angle)).toFixed(1)}`
  const isLong = 1 / total > 0.5 ? 1 : 0
  return html`<path
    class="${className}"
    d="M${point((from ?? 0) + gap)}A${radius} ${radius} 0 ${isLong} 1 ${point((to ?? 0) - gap)}"
  />`
}
