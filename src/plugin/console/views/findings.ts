/** Conditions in words with what to do, events and commands: parts of the pages of nodes and pools. Pure. */
import type { Event } from 'kubernetes-types/core/v1.d.ts'
import type { Condition } from '../../../api/status.ts'
import { findCondition } from '../../../lib/conditions.ts'
import { timeOf } from '../../cluster/details.ts'
import type { TargetKind } from '../../cluster/find.ts'
import { ageOf } from '../../output/duration.ts'
import { type Finding, findings, fullMessage, type Weight } from '../../status/readiness.ts'
import { adviceOf, withoutRepetitions } from '../../status/sections.ts'
import { html, type Html, NOTHING } from '../markup.ts'
import type { ObjectName } from '../scene.ts'

const LATEST_EVENTS = 12

export interface Subject extends ObjectName {
  readonly kind: TargetKind
}

/** `kubectl sei retry devnet-0 -n sei`. */
export function commandFor(command: string, { namespace, name }: ObjectName): Html {
  return html`<code class="command"
    >kubectl sei ${command} ${name}${namespace !== undefined && ` -n ${namespace}`}</code
  >`
}

/** Each with what to do. */
export function wrongCards(subject: Subject, conditions: readonly Condition[] = [], now: number): Html {
  const shown = shownFindings(subject.kind, conditions, 'wrong')
  if (shown.length === 0) return NOTHING
  return html`<section class="findings">
    <h2>What is wrong</h2>
    <ul>
      ${shown.map(finding => html`<li class="card bad">${card(finding, subject, now)}</li>`)}
    </ul>
  </section>`
}

function card({ condition, whatToDo }: Finding, subject: Subject, now: number): Html {
  const { type, reason, message, lastTransitionTime } = condition
  const advice = whatToDo === '' ? undefined : adviceOf(whatToDo)
  return html`<h3>${type}: ${reason} <small>for ${ageOf(lastTransitionTime, now)}</small></h3>
    <p>${message}</p>
    ${
      advice &&
      html`<p><strong>What to do:</strong> ${advice.text}</p>
        ${advice.commands.map(command => html`<p>${commandFor(command, subject)}</p>`)}`
    }`
}

/** What passes by itself, with the commands that help otherwise. */
export function noteList(subject: Subject, conditions: readonly Condition[] = []): Html {
  const shown = shownFindings(subject.kind, conditions, 'note')
  if (shown.length === 0) return NOTHING
  return html`<section>
    <h2>To note</h2>
    <ul class="card busy">
      ${shown.map(({ condition: { type, reason, message }, whatToDo }) => html`<li><strong>${type}: ${reason}</strong> ${message} ${adviceOf(whatToDo).commands.map(command => commandFor(command, subject))}</li>`)}
    </ul>
  </section>`
}

/** Without those that say what another one says, or only refer to it. What keeps it stalled comes first. */
function shownFindings(kind: TargetKind, conditions: readonly Condition[], weight: Weight): readonly Finding[] {
  const stalled = findCondition(conditions, 'Stalled')
  const why = stalled?.status === 'True' ? fullMessage(stalled, conditions) : ''
  const rank = ({ condition }: Finding): number => (why.endsWith(condition.message) ? 0 : 1)
  return withoutRepetitions(findings(kind, conditions))
    .filter(
      finding => finding.weight === weight && fullMessage(finding.condition, conditions) === finding.condition.message,
    )
    .toSorted((a, b) => rank(a) - rank(b))
}

const TONES: Readonly<Record<Weight, string>> = { wrong: 'bad', note: 'busy', fine: 'good' }

export function conditionTable(kind: TargetKind, conditions: readonly Condition[] = [], now: number): Html {
  if (conditions.length === 0) return NOTHING
  return html`<section>
    <h2>Conditions</h2>
    <div class="scroll" role="region" aria-label="Conditions" tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">Type</th>
            <th scope="col">Status</th>
            <th scope="col">Reason</th>
            <th scope="col">For</th>
          </tr>
        </thead>
        <tbody>
          ${findings(kind, conditions).map(
            ({ condition, weight }) =>
              html`<tr>
                <th scope="row">${condition.type}</th>
                <td><span class="badge ${TONES[weight]}">${condition.status}</span></td>
                <td>${condition.reason}</td>
                <td>${ageOf(condition.lastTransitionTime, now)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

/** @param events newest first; undefined while they are not read */
export function eventTable(events: readonly Event[] | undefined, now: number): Html {
  const rows = events?.slice(0, LATEST_EVENTS) ?? []
  const none = events ? 'There are no events.' : 'Reading.'
  return html`<section>
    <h2>Events</h2>
    ${
      rows.length === 0
        ? html`<p class="dim">${none}</p>`
        : html`<div class="scroll" role="region" aria-label="Events" tabindex="0">
            <table>
              <thead>
                <tr>
                  <th scope="col">Age</th>
                  <th scope="col">Reason</th>
                  <th scope="col">Message</th>
                </tr>
              </thead>
              <tbody>
                ${rows.map(
                  event =>
                    html`<tr>
                      <td class="nowrap">${ageOf(timeOf(event), now)}</td>
                      <td><span class="${event.type === 'Warning' && 'warning'}">${event.reason ?? ''}</span></td>
                      <td>${event.message ?? ''}</td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>`
    }
  </section>`
}

/** @param entries what each command is for, and the command */
export function commandList(entries: readonly (readonly [use: string, command: Html])[]): Html {
  return html`<section>
    <h2>Commands</h2>
    <dl class="commands">
      ${entries.map(
        ([use, command]) =>
          html`<div>
            <dt>${use}</dt>
            <dd>${command}</dd>
          </div>`,
      )}
    </dl>
  </section>`
}

export function unreadableNote(unreadable: readonly string[] = [], namespace = ''): Html {
  if (unreadable.length === 0) return NOTHING
  return html`<p class="notice warn">
    Not shown: you may not read ${unreadable.join(', ')} in namespace ${namespace}.
  </p>`
}
