/** Runs the seictl binary that SEICTL names, on a volume in a temporary directory, with S3 played locally: `launchReal`. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { DirectoryHome, profileOf } from '../../testing/fakes/sidecar/index.ts'
import type { Profile } from '../../testing/fakes/sidecar/index.ts'
import type { SidecarAddress } from '../../src/sidecar/client.ts'
import { startFakeS3 } from '../../testing/fakes/s3/fake-s3.ts'
import type { FakeS3 } from '../../testing/fakes/s3/fake-s3.ts'
import { VARIABLES } from './subject.ts'
import type { Subject, Variables } from './subject.ts'

const START_MS = 60_000

/** Rejects with what the binary printed where it exits instead of serving. */
export async function launchReal(binary: string, profile: Profile, variables: Variables): Promise<Subject> {
  const directory = await mkdtemp(join(tmpdir(), 'seictl-'))
  const subject = new RealSubject(binary, profile, variables, directory, await startFakeS3(), await freePort())
  try {
    await subject.start()
  } catch (error) {
    await subject.stop()
    throw error
  }
  return subject
}

/** Of `PROFILES`, the release that an unknown binary behaves as. */
export async function releaseOf(binary: string): Promise<string> {
  const subject = await launchReal(binary, profileOf('latest'), VARIABLES)
  try {
    const { host, port } = subject.address
    const tasks = `http://${host}:${port}/v0/tasks`
    const post = (body: object): Promise<Response> => fetch(tasks, { method: 'POST', body: JSON.stringify(body) })
    const knows = async (type: string): Promise<boolean> => !(await (await post({ type })).text()).includes('unknown')
    const id = randomUUID()
    const accepted = await post({ id, type: 'mark-ready' })
    const answer = await accepted.text()
    if (accepted.status === 202) return 'v0.0.16'
    if (!answer.includes(id)) return 'v0.0.20'
    if (await knows('snapshot-upload-once')) return 'v0.0.70'
    if (!(await knows('discover-peers'))) return 'v0.0.61'
    if ((await (await fetch(`${tasks}/${id}`)).text()).includes('"run"')) return 'v0.0.40'
    await subject.restart()
    if (!(await fetch(`${tasks}/${id}`)).ok) return 'v0.0.22'
  } finally {
    await subject.stop()
  }
  try {
    await (await launchReal(binary, profileOf('latest'), {})).stop()
    return 'v0.0.25'
  } catch {
    return 'v0.0.27'
  }
}

class RealSubject implements Subject {
  readonly profile: Profile
  readonly home: DirectoryHome
  readonly address: SidecarAddress
  readonly #binary: string
  readonly #variables: Variables
  readonly #s3: FakeS3
  #process: ChildProcess | undefined

  constructor(binary: string, profile: Profile, variables: Variables, directory: string, s3: FakeS3, port: number) {
    this.#binary = binary
    this.profile = profile
    this.#variables = variables
    this.home = new DirectoryHome(directory)
    this.#s3 = s3
    this.address = { host: '127.0.0.1', port }
  }

  get objects(): Map<string, string | Buffer> {
    return this.#s3.objects
  }

  async start(): Promise<void> {
    const env = {
      PATH: process.env['PATH'],
      HOME: this.home.root,
      ...this.#variables,
      SEI_HOME: this.home.root,
      SEI_SIDECAR_PORT: String(this.address.port),
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL_S3: this.#s3.endpoint,
    }
    const child = spawn(this.#binary, ['serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const deadline = Date.now() + START_MS
    while (!(await this.#answers())) {
      if (child.exitCode !== null) throw new Error(`${this.#binary} serve exited with ${child.exitCode}: ${output}`)
      if (Date.now() > deadline)
        throw new Error(`${this.#binary} serve did not answer within ${START_MS} ms: ${output}`)
      await wait(20)
    }
  }

  holdRestore(): { release(): void } {
    return this.#s3.hold()
  }

  async restart(): Promise<void> {
    await this.#kill()
    await this.start()
  }

  async stop(): Promise<void> {
    await this.#kill()
    await this.#s3.close()
    await rm(this.home.root, { recursive: true, force: true })
  }

  async #kill(): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  #answers(): Promise<boolean> {
    return fetch(`http://127.0.0.1:${this.address.port}/v0/status`).then(
      () => true,
      () => false,
    )
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free TCP port')
  return address.port
}
