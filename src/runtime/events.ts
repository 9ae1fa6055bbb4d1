/** Kubernetes Events about objects, posted in the background: `EventRecorder`. */
import { randomUUID } from 'node:crypto'
import type { Event } from 'kubernetes-types/events/v1.d.ts'
import type { CallOptions } from '../kube/client.ts'
import { ApiError, isAlreadyExists, TransportError } from '../kube/errors.ts'
import { eventsK8sIo } from '../kube/resources.ts'
import type { Resource } from '../kube/types.ts'
import { backoffMs } from '../lib/backoff.ts'
import type { Clock } from './clock.ts'
import { microTime, sleep, withDeadline } from './clock.ts'
import { EventFilter, type EventInput } from './event-filter.ts'
import { keyOf } from './object-key.ts'
import type { Logger } from './log.ts'
import type { EventOutcome } from './metrics.ts'

/** The interface for reconcilers. */
export interface EventSink {
  /** Returns at once and never throws: an event that cannot be posted is dropped. */
  event(input: EventInput): void
}

/** The methods of a `KubeClient` that a recorder uses. */
export interface EventClient {
  create(resource: Resource<Event>, event: Event, options: CallOptions): Promise<Event>
}

export interface EventRecorderOptions {
  readonly client: EventClient
  /** The reporting controller. */
  readonly controller: string
  /** The reporting process, at most 128 characters. */
  readonly instance: string
  readonly log: Logger
  readonly clock: Clock
  readonly onOutcome?: (outcome: EventOutcome) => void
  /** Unique suffix of each event's name: lower-case letters and digits. */
  readonly newID?: () => string
  /** Limit of the backlog; further events are dropped. Default 2,048. */
  readonly capacity?: number
}

/** Limits of the API server. */
const NOTE_BYTES = 1024
const NAME_LENGTH = 253

/** Concurrent requests: enough for a burst of events, few enough to leave connections for the reconcilers. */
const CONCURRENCY = 4
/** All attempts together take half a minute. The events of a longer outage are lost. */
const ATTEMPTS = 7
const RETRY = { initialMs: 500, maxMs: 60_000 }

/**
 * Posts each event that passes `EventFilter`, which drops repetitions and limits the rate per object. The order is that of
 * the event times, not of the requests.
 */
export class EventRecorder implements EventSink {
  readonly #options: EventRecorderOptions
  readonly #filter: EventFilter
  readonly #waiting: Event[] = []
  readonly #stopped = new AbortController()
  readonly #capacity: number
  #posting = 0
  #idle = Promise.withResolvers<void>()

  constructor(options: EventRecorderOptions) {
    this.#options = options
    this.#filter = new EventFilter(options.clock)
    this.#capacity = options.capacity ?? 2048
    this.#idle.resolve()
  }

  event(input: EventInput): void {
    const { apiVersion, kind, metadata } = input.regarding
    if (apiVersion === undefined || kind === undefined || metadata?.name === undefined) {
      this.#drop({ reason: input.reason, kind }, 'event dropped: expected an object with apiVersion, kind and name')
      return
    }
    const decision = this.#filter.decide(input)
    switch (decision.kind) {
      case 'repetition':
        this.#options.onOutcome?.('aggregated')
        return
      case 'too-many':
        this.#drop({ key: keyOf(input.regarding), reason: input.reason }, 'event dropped: too many about this object')
        return
      case 'post':
        this.#enqueue(this.#toEvent(input, decision.repetitions))
        return
    }
  }

  /** Resolves when all events so far are posted or given up, or after `timeoutMs`. */
  async flush(timeoutMs: number): Promise<void> {
    const deadline = { ms: timeoutMs, clock: this.#options.clock }
    await withDeadline(deadline, () => this.#idle.promise).catch(() => {})
  }

  /** Drops the backlog, aborts requests, and ignores later events. */
  stop(): void {
    this.#stopped.abort(new Error('event recorder stopped'))
    this.#waiting.length = 0
  }

  #enqueue(event: Event): void {
    if (this.#stopped.signal.aborted || this.#waiting.length >= this.#capacity) {
      this.#drop({ reason: event.reason }, 'event dropped: too many wait to be posted')
      return
    }
    this.#waiting.push(event)
    if (this.#posting === 0) this.#idle = Promise.withResolvers<void>()
    if (this.#posting < CONCURRENCY) void this.#work()
  }

  async #work(): Promise<void> {
    this.#posting++
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) await this.#post(event)
    this.#posting--
    if (this.#posting === 0) this.#idle.resolve()
  }

  async #post(event: Event): Promise<void> {
    const { client, clock, onOutcome } = this.#options
    const { signal } = this.#stopped
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        await client.create(eventsK8sIo, event, { signal })
        onOutcome?.('posted')
        return
      } catch (error) {
        // An earlier attempt succeeded, and only its answer was lost.
        if (attempt > 1 && isAlreadyExists(error)) {
          onOutcome?.('posted')
          return
        }
        if (attempt === ATTEMPTS || !isTransient(error)) {
          this.#drop({ err: error, reason: event.reason, note: event.note }, 'event dropped: it could not be posted')
          return
        }
        const asked = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0
        await sleep(Math.max(asked, backoffMs(attempt - 1, RETRY, 0)), signal, clock).catch(() => {})
      }
    }
    this.#drop({ reason: event.reason, note: event.note }, 'event dropped: stopping')
  }

  #drop(fields: object, message: string): void {
    this.#options.onOutcome?.('dropped')
    this.#options.log.debug(fields, message)
  }

  #toEvent(input: EventInput, repetitions: number): Event {
    const { regarding, type, reason, note, action } = input
    const { namespace, name = '', uid } = regarding.metadata ?? {}
    const { controller, instance, clock, newID = randomUUID } = this.#options
    const time = microTime(clock.now())
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: eventName(name, newID()), namespace: namespace ?? 'default' },
      eventTime: time,
      reportingController: controller,
      reportingInstance: instance,
      action,
      reason,
      regarding: {
        ...(regarding.apiVersion !== undefined && { apiVersion: regarding.apiVersion }),
        ...(regarding.kind !== undefined && { kind: regarding.kind }),
        ...(namespace !== undefined && { namespace }),
        name,
        ...(uid !== undefined && { uid }),
      },
      ...(repetitions > 0 && { series: { count: repetitions + 1, lastObservedTime: time } }),
      note: cut(note, NOTE_BYTES),
      type,
    }
  }
}

/** Whether the same request may succeed later. */
function isTransient(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 401 || error.status === 429 || error.status >= 500
  return error instanceof TransportError
}

function eventName(name: string, id: string): string {
  return `${name.slice(0, NAME_LENGTH - id.length - 1).replace(/[-.]+$/, '')}.${id}`
}

/** Truncates the text to `bytes` bytes of UTF-8 at a character boundary. */
function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytes - Buffer.byteLength('…')))
  return `${text.slice(0, read)}…`
}
