/** Registers one statement of the protocol for every release that it holds for: `contract('...', async sidecar => { ... })`. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'

import { PROFILES, profileOf } from '../../testing/fakes/sidecar/index.ts'
import type { Home, Profile } from '../../testing/fakes/sidecar/index.ts'
import { createSidecarDialer } from '../../src/sidecar/http-client.ts'
import type { SidecarClient, SidecarDialer, TaskResult } from '../../src/sidecar/client.ts'
import { isRecord } from '../../src/sidecar/task-result.ts'
import { until } from '../support/until.ts'
import { launchReal, releaseOf } from './real-seictl.ts'
import { launchFake, VARIABLES } from './subject.ts'
import type { Subject, Variables } from './subject.ts'

export interface ContractOptions {
  /** Releases for which the statement holds; default all. */
  readonly when?: (profile: Profile) => boolean
  /** Why a real binary cannot be asked here. */
  readonly realSkip?: string
  readonly variables?: Variables
}

export interface Answer {
  readonly status: number
  readonly contentType: string | null
  readonly text: string
  /** Empty where the body is no JSON object. */
  readonly json: Readonly<Record<string, unknown>>
}

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

  get(path: string): Promise<Answer> {
    return this.#request('GET', path)
  }

  delete(id: string): Promise<Answer> {
    return this.#request('DELETE', `/v0/tasks/${id}`)
  }

  /** A body that is not a string is sent as JSON. */
  post(body: unknown): Promise<Answer> {
    return this.#request('POST', '/v0/tasks', typeof body === 'string' ? body : JSON.stringify(body))
  }

  /** Retries while an earlier task has the lock; resolves with the id that the sidecar uses. */
  submit(type: string, params?: Readonly<Record<string, unknown>>, id: string = randomUUID()): Promise<string> {
    return until(`the sidecar to be free for ${type}`, async () => {
      const answer = await this.post({ id, type, params })
      if (answer.status === 409) return undefined
      assert.equal(answer.status, this.profile.oneAtATime ? 202 : 201, `submit ${type}: ${answer.text}`)
      return String(answer.json['id'])
    })
  }

  /** The task once it has ended. */
  ended(id: string): Promise<TaskResult> {
    return until(
      `task ${id} to end`,
      async () => {
        const task = await this.client.task(id)
        assert.ok(task !== undefined, `task ${id} is unknown`)
        return task.status === 'running' ? undefined : task
      },
      { intervalMs: 5 },
    )
  }

  async run(type: string, params?: Readonly<Record<string, unknown>>): Promise<TaskResult> {
    return this.ended(await this.submit(type, params))
  }

  async completes(type: string, params?: Readonly<Record<string, unknown>>): Promise<TaskResult> {
    const task = await this.run(type, params)
    assert.equal(task.status, 'completed', `${type}: ${task.error}`)
    return task
  }

  /** Resolves with the error text. */
  async fails(type: string, params?: Readonly<Record<string, unknown>>): Promise<string> {
    const task = await this.run(type, params)
    assert.equal(task.status, 'failed', `${type} should fail`)
    return task.error ?? ''
  }

  async #request(method: string, path: string, body?: string): Promise<Answer> {
    const { host, port } = this.subject.address
    const response = await fetch(`http://${host}:${port}${path}`, { method, ...(body !== undefined && { body }) })
    const text = await response.text()
    return { status: response.status, contentType: response.headers.get('content-type'), text, json: parse(text) }
  }
}

/** One test per release; with SEICTL, one more for that binary. */
export function contract(
  title: string,
  statement: (sidecar: Sidecar) => Promise<void>,
  { when = () => true, realSkip, variables = VARIABLES }: ContractOptions = {},
): void {
  for (const tag of PROFILES.filter(name => when(profileOf(name)))) {
    test(`${tag}: ${title}`, () => check(launchFake(tag, variables), statement))
  }
  if (REAL === undefined || !when(REAL.profile)) return
  const { binary, profile } = REAL
  const skip = realSkip ?? false
  test(`${binary} (${profile.tag}): ${title}`, { skip }, () => check(launchReal(binary, profile, variables), statement))
}

/** The binary in SEICTL, checked against SEICTL_VERSION or else against the version that its behaviour implies. */
const REAL = await findReal(process.env['SEICTL'], process.env['SEICTL_VERSION'])

async function findReal(
  binary: string | undefined,
  version: string | undefined,
): Promise<{ readonly binary: string; readonly profile: Profile } | undefined> {
  if (binary === undefined || binary === '') return undefined
  return { binary, profile: profileOf(version ?? (await releaseOf(binary))) }
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

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}
