/** Registers one statement of the protocol for every release that it holds for: `contract('...', async sidecar => { ... })`. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'

import { profileOf, PROFILES } from '../../testing/fakes/sidecar/index.ts'
import type { Home, Profile } from '../../testing/fakes/sidecar/index.ts'
import { createSidecarDialer } from '../../src/sidecar/http-client.ts'
import type { SidecarClient, SidecarDialer } from '../../src/sidecar/client.ts'
import { isRecord } from '../../src/sidecar/task-result.ts'
import { until } from '../support/until.ts'
import { fingerprint } from './fingerprint.ts'
import { field, send } from './http.ts'
import type { RawAnswer, RawRequest } from './http.ts'
import { launchReal } from './real-seictl.ts'
import { launchFake, VARIABLES } from './subject.ts'
import type { Subject, Variables } from './subject.ts'

export interface ContractOptions {
  /** Releases for which the statement holds; default all. */
  readonly when?: (profile: Profile) => boolean
  /** Why a real binary cannot be asked here. */
  readonly realSkip?: string
  readonly variables?: Variables
}

/** Many hundred statements wait. */
const OFTEN = { intervalMs: 10 }

/** A sidecar and the ways in which a statement uses it. */
export class Sidecar {
  readonly subject: Subject
  readonly #dial: SidecarDialer

  constructor(subject: Subject, dial: SidecarDialer) {
    this.subject = subject
    this.#dial = dial
  }

  /** The operator's own client. */
  get client(): SidecarClient {
    return this.#dial(this.subject.address)
  }

  get profile(): Profile {
    return this.subject.profile
  }

  get home(): Home {
    return this.subject.home
  }

  request(request: RawRequest): Promise<RawAnswer> {
    return send(this.subject.address, request)
  }

  get(path: string): Promise<RawAnswer> {
    return this.request({ path })
  }

  /** A body that is not a string is sent as JSON. */
  post(body: unknown, headers?: RawRequest['headers']): Promise<RawAnswer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return this.request({ method: 'POST', path: '/v0/tasks', body: text, ...(headers && { headers }) })
  }

  /** Submits, retrying while the lock of an earlier task is still held, and returns the id that the sidecar uses. */
  async submit(type: string, params?: object, id: string = randomUUID()): Promise<string> {
    return until(
      `the sidecar to be free for ${type}`,
      async () => {
        const answer = await this.post({ id, type, params })
        if (answer.status === 409) return undefined
        assert.equal(answer.status, this.profile.acceptedStatus, `submit ${type}: ${answer.text}`)
        return String(field(answer.json, 'id'))
      },
      OFTEN,
    )
  }

  /** The task as the wire shows it once it has ended. */
  async ended(id: string): Promise<Readonly<Record<string, unknown>>> {
    return until(
      `task ${id} to end`,
      async () => {
        const answer = await this.get(`/v0/tasks/${id}`)
        assert.equal(answer.status, 200, `task ${id}: ${answer.text}`)
        assert.ok(isRecord(answer.json), `task ${id}: ${answer.text}`)
        return answer.json['status'] === 'running' ? undefined : answer.json
      },
      OFTEN,
    )
  }

  async run(type: string, params?: object): Promise<Readonly<Record<string, unknown>>> {
    return this.ended(await this.submit(type, params))
  }

  async completes(type: string, params?: object): Promise<Readonly<Record<string, unknown>>> {
    const task = await this.run(type, params)
    assert.equal(task['status'], 'completed', `${type}: ${String(task['error'])}`)
    return task
  }

  /** The error text. */
  async fails(type: string, params?: object): Promise<string> {
    const task = await this.run(type, params)
    assert.equal(task['status'], 'failed', `${type} should fail`)
    return String(task['error'])
  }
}

/** One test per release; with SEICTL, one more for that binary. */
export function contract(
  title: string,
  statement: (sidecar: Sidecar) => Promise<void>,
  options: ContractOptions = {},
): void {
  const variables = options.variables ?? VARIABLES
  const holds = options.when ?? (() => true)
  for (const tag of PROFILES.filter(name => holds(profileOf(name)))) {
    test(`${tag}: ${title}`, () => check(launchFake(tag, variables), statement))
  }
  if (REAL === undefined || !holds(REAL.profile)) return
  const { binary, profile } = REAL
  const skip = options.realSkip ?? false
  test(`${binary} (${profile.tag}): ${title}`, { skip }, () => check(launchReal(binary, profile, variables), statement))
}

/** The binary that SEICTL names, held to SEICTL_VERSION or else to what its behaviour says. */
const REAL = await findReal(process.env['SEICTL'], process.env['SEICTL_VERSION'])

async function findReal(
  binary: string | undefined,
  version: string | undefined,
): Promise<{ readonly binary: string; readonly profile: Profile } | undefined> {
  if (binary === undefined || binary === '') return undefined
  const any = profileOf('latest')
  const tag = version ?? (await fingerprint(variables => launchReal(binary, any, variables), VARIABLES))
  return { binary, profile: profileOf(tag) }
}

async function check(launching: Promise<Subject>, statement: (sidecar: Sidecar) => Promise<void>): Promise<void> {
  const subject = await launching
  const dial = createSidecarDialer()
  try {
    await statement(new Sidecar(subject, dial))
  } finally {
    dial.close()
    await subject.stop()
  }
}
