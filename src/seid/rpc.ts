/** Asks a running seid about itself and its chain, over its RPC: `seidClient`, `seidClientBy`, `fetchStatus`. */
import type { Agent } from 'node:http'
import type { ChainAnswer } from '../chain/track.ts'
import { SEID_PORTS } from '../api/names.ts'
import { exchange } from '../kube/exchange.ts'
import { isTimeout } from '../kube/http-error.ts'
import { CURRENT_PLAN_PATH, readPlan, type VotedUpgrade } from './upgrade-plan.ts'

const TIMEOUT_MS = 5_000
/** The same as for a sidecar, because a lost packet is retransmitted after a second. */
const CONNECT_TIMEOUT_MS = 2_000
/** A status is some kilobytes; what a seid with many peers says of them is more. */
const MAX_BODY_BYTES = 4 * 1024 * 1024

/** The answer to GET /status, without the envelope of other servers of this RPC. Any part may be missing. */
export interface SeidStatus {
  readonly node_info?: { readonly id?: unknown; readonly network?: unknown } | null
  readonly sync_info?: {
    readonly latest_block_height?: unknown
    readonly latest_block_time?: unknown
    readonly catching_up?: unknown
    readonly max_peer_block_height?: unknown
  } | null
  readonly validator_info?: { readonly address?: unknown; readonly voting_power?: unknown } | null
}

/** What is asked of a running seid. Every call rejects with a reason of a few words. */
export interface SeidClient {
  readonly status: (host: string, signal: AbortSignal) => Promise<Omit<ChainAnswer, 'peers'>>
  /** Peers that are connected: seid's own count includes those that are only configured. */
  readonly peers: (host: string, signal: AbortSignal) => Promise<number>
  /** Consensus addresses, in hex, of the validators that signed the block. */
  readonly signers: (host: string, height: number, signal: AbortSignal) => Promise<ReadonlySet<string>>
  /** The upgrade that the chain has voted for and not reached. */
  readonly upgrade: (host: string, signal: AbortSignal) => Promise<VotedUpgrade | undefined>
}

/** Keeps no connection: a node is asked seldom. */
export const seidClient: SeidClient = seidClientBy(false)

/** @param agent makes the connections; false: each request has one of its own */
export function seidClientBy(agent: Agent | false): SeidClient {
  const fetchResult = async (
    host: string,
    path: string,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, unknown>>> => {
    const { status, text: body } = await ask(agent, host, path, signal)
    if (status !== 200) throw new Error(`HTTP ${status} to ${path}`)
    return resultOf(body)
  }
  return {
    status: async (host, signal) => readAnswer(await fetchStatus(host, signal, agent)),
    peers: async (host, signal) => connectedPeers(await fetchResult(host, '/net_info', signal)),
    signers: async (host, height, signal) => {
      const answer: CommitAnswer = await fetchResult(host, `/commit?height=${height}`, signal)
      const signatures = answer.signed_header?.commit?.signatures
      if (!Array.isArray(signatures)) throw new Error('an answer without signatures')
      return new Set(signatures.flatMap(each => (isSignature(each) ? [each.validator_address.toUpperCase()] : [])))
    },
    upgrade: async (host, signal) => readPlan(await fetchResult(host, CURRENT_PLAN_PATH, signal)),
  }
}

/**
 * Counts the peers in an answer to GET /net_info. `peer_connections` is null when nobody is connected; `peers` lists the
 * configured ones too. Only servers of earlier releases have `peers` alone.
 */
export function connectedPeers(answer: Readonly<Record<string, unknown>>): number {
  const field = 'peer_connections' in answer ? 'peer_connections' : 'peers'
  const list = field in answer ? (answer[field] ?? []) : undefined
  if (!Array.isArray(list)) throw new Error('an answer without peers')
  return list.length
}

interface CommitAnswer {
  readonly signed_header?: { readonly commit?: { readonly signatures?: unknown } | null } | null
}

/** An absent validator has an entry without an address. */
function isSignature(entry: unknown): entry is { readonly validator_address: string } {
  if (typeof entry !== 'object' || entry === null || !('validator_address' in entry)) return false
  return typeof entry.validator_address === 'string' && entry.validator_address !== ''
}

/** Rejects with a reason of a few words. */
export async function fetchStatus(
  host: string,
  signal: AbortSignal,
  agent: Agent | false = false,
): Promise<SeidStatus> {
  const { status, text: body } = await ask(agent, host, '/status', signal)
  const found = readStatus(body)
  if (found === undefined) throw new Error(`an answer that is no status (HTTP ${status})`)
  return found
}

async function ask(
  agent: Agent | false,
  host: string,
  path: string,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  const target = { isSecure: false, host, port: SEID_PORTS.rpc }
  const request = {
    method: 'GET',
    path,
    headers: {},
    timeoutMs: TIMEOUT_MS,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    maxBodyBytes: MAX_BODY_BYTES,
    signal,
  }
  return exchange(agent, target, request).catch((cause: unknown) => {
    if (!isTimeout(cause)) throw cause
    const [what, ms] = cause.isSent ? ['answer', TIMEOUT_MS] : ['connection', CONNECT_TIMEOUT_MS]
    throw new Error(`no ${what} within ${ms / 1000} s`, { cause })
  })
}

/** Undefined if the body is not a JSON object or not the status of a node. */
export function readStatus(body: string): SeidStatus | undefined {
  const status: SeidStatus = resultOf(body)
  return (status.node_info ?? status.sync_info) ? status : undefined
}

const NODE_ID = /^[0-9a-f]{40}$/

/** The node id that a status has, 40 hex digits in lower case. */
export function nodeIDOf({ node_info: info }: SeidStatus): string | undefined {
  const id = text(info?.id)?.toLowerCase()
  return id !== undefined && NODE_ID.test(id) ? id : undefined
}

/** @throws where the status has no height */
export function readAnswer(status: SeidStatus): Omit<ChainAnswer, 'peers'> {
  const { node_info: info, sync_info: sync, validator_info: validator } = status
  const height = wholeNumber(sync?.latest_block_height)
  if (height === undefined) throw new Error('a status without a height')
  const blockTime = Date.parse(text(sync?.latest_block_time) ?? '')
  return {
    nodeID: nodeIDOf(status),
    network: text(info?.network),
    height,
    blockTime: height === 0 || Number.isNaN(blockTime) ? undefined : blockTime,
    isCatchingUp: sync?.catching_up === true,
    maxPeerHeight: wholeNumber(sync?.max_peer_block_height) ?? 0,
    validatorAddress: text(validator?.address)?.toUpperCase(),
    votingPower: wholeNumber(validator?.voting_power),
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** seid writes numbers as texts. */
function wholeNumber(value: unknown): number | undefined {
  const number = Number(value ?? Number.NaN)
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

/** Some servers of this RPC put an envelope around the result. */
function resultOf(body: string): Readonly<Record<string, unknown>> {
  const answer = parse(body)
  return 'result' in answer && isObject(answer['result']) ? answer['result'] : answer
}

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
