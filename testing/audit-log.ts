/** Reads the API server's audit log: `auditLines`; and counts the requests of one user in it: `readAuditLog`, `countRequests`. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** One line of the log. */
export interface AuditedRequest {
  readonly user: string
  /** Absent where the client names none. */
  readonly userAgent?: string
  readonly verb: string
  /** `statefulsets`, `seinodes/status`; the path for non-resource requests. */
  readonly target: string
  /** Absent for what is in no namespace. */
  readonly namespace?: string
  /** Absent for a list, and for an object that the server names. */
  readonly name?: string
  /** When the server received it, milliseconds since the epoch. */
  readonly receivedAt: number
  /** A watch is recorded twice: when it begins to stream, and when it ends. */
  readonly stage: string
  /** HTTP status. */
  readonly status: number
}

export interface RequestCount {
  /** All but watches. */
  readonly requests: number
  /** Those that change something. */
  readonly writes: number
  readonly watchesOpened: number
  /** Requests by verb, the most frequent first. */
  readonly byVerb: Readonly<Record<string, number>>
  /** Requests by verb and target, `patch statefulsets`, the most frequent first. */
  readonly byKind: Readonly<Record<string, number>>
  /** Requests that failed, by HTTP status. */
  readonly failed: Readonly<Record<string, number>>
}

/** Milliseconds since the epoch; `to` is outside. */
export interface Period {
  readonly from: number
  readonly to: number
}

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch'])

export interface AuditLine {
  readonly stage: string
  readonly verb: string
  readonly requestURI: string
  readonly requestReceivedTimestamp: string
  readonly user: { readonly username: string }
  readonly userAgent?: string
  readonly objectRef?: {
    readonly apiGroup?: string
    readonly resource?: string
    readonly subresource?: string
    readonly namespace?: string
    readonly name?: string
  }
  readonly responseStatus?: { readonly code?: number }
  readonly annotations?: Readonly<Record<string, string>>
}

/** Omits a line that the server is still writing. */
export async function* auditLines(path: string): AsyncGenerator<AuditLine> {
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (line.endsWith('}')) yield JSON.parse(line)
  }
}

function requestOf(line: AuditLine): AuditedRequest {
  const { stage, verb, requestURI, requestReceivedTimestamp, user, userAgent, objectRef, responseStatus } = line
  const resource = objectRef?.resource
  const suffix = objectRef?.subresource === undefined ? '' : `/${objectRef.subresource}`
  return {
    user: user.username,
    ...(userAgent === undefined ? {} : { userAgent }),
    verb,
    target: resource === undefined ? requestURI : `${resource}${suffix}`,
    ...(objectRef?.namespace === undefined ? {} : { namespace: objectRef.namespace }),
    ...(objectRef?.name === undefined ? {} : { name: objectRef.name }),
    receivedAt: Date.parse(requestReceivedTimestamp),
    stage,
    status: responseStatus?.code ?? 0,
  }
}

export async function readAuditLog(path: string, user: string): Promise<AuditedRequest[]> {
  const requests: AuditedRequest[] = []
  for await (const line of auditLines(path)) {
    if (line.user.username === user) requests.push(requestOf(line))
  }
  return requests
}

/** Counts each request once, when it is answered, and each watch when it opens, by the time of its arrival. */
export function countRequests(requests: readonly AuditedRequest[], { from, to }: Period): RequestCount {
  const within = requests.filter(({ receivedAt }) => receivedAt >= from && receivedAt < to)
  const answered = within.filter(({ verb, stage }) => verb !== 'watch' && stage === 'ResponseComplete')
  return {
    requests: answered.length,
    writes: answered.filter(({ verb }) => !READS.has(verb)).length,
    watchesOpened: within.filter(({ verb, stage }) => verb === 'watch' && stage === 'ResponseStarted').length,
    byVerb: tally(answered.map(({ verb }) => verb)),
    byKind: tally(answered.map(({ verb, target }) => `${verb} ${target}`)),
    failed: tally(answered.filter(({ status }) => status >= 400).map(({ status }) => String(status))),
  }
}

function tally(words: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return Object.fromEntries([...counts].toSorted(([a, m], [b, n]) => n - m || a.localeCompare(b)))
}
