/** A genesis volume on this machine's disk, and the steps of a pool's Jobs on it: `GenesisVolume`. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GENESIS_CEREMONY, GENESIS_PUBLISH, PREP_VOLUME } from '../../src/build/scripts.gen.ts'
import { genesisPatch } from '../../src/cli/genesis-patch.ts'

export interface Ended {
  /** Exit status; undefined if it was killed. */
  readonly status: number | undefined
  readonly stderr: string
}

/** The parameters of the ceremony in the pool's spec. */
export interface Wanted {
  readonly chainId: string
  readonly nodes: number
  /** Each is `ADDRESS=BALANCE`. */
  readonly accounts?: readonly string[]
  readonly params?: Readonly<Record<string, number | string>>
}

export interface NodeRecord {
  readonly index: number
  readonly id: string
  readonly address: string
}

/** The only programs of the scripts besides seid and the shell. */
const UTILITIES = ['cat', 'cp', 'mkdir', 'mv', 'rm', 'sync']

export class GenesisVolume implements Disposable {
  /** Path of the volume. Its space reveals unquoted expansions. */
  readonly dir: string
  readonly #root: string

  /** `seidDir` holds a program `seid`. */
  constructor(seidDir: string) {
    this.#root = mkdtempSync(join(tmpdir(), 'genesis-volume-'))
    this.dir = join(this.#root, 'the volume')
    mkdirSync(this.dir)
    mkdirSync(this.#bin)
    for (const name of UTILITIES) symlinkSync(`/bin/${name}`, join(this.#bin, name))
    const seid = `#!/bin/sh\nPATH=/usr/bin:/bin exec '${seidDir}/seid' "$@"\n`
    writeFileSync(join(this.#bin, 'seid'), seid, { mode: 0o755 })
  }

  [Symbol.dispose](): void {
    rmSync(this.#root, { recursive: true, force: true })
  }

  /** The containers of the genesis Job, one after the other, up to the first that fails. A kill ends whichever runs. */
  async job(wanted: Wanted, kill?: AbortSignal): Promise<Ended> {
    const ceremony = await this.ceremony(wanted, kill)
    if (ceremony.status !== 0) return ceremony
    if (kill?.aborted) return { status: undefined, stderr: '' }
    const patched = this.patch(wanted)
    return patched.status === 0 ? this.publish(kill) : patched
  }

  ceremony({ chainId, nodes, accounts = [] }: Wanted, kill?: AbortSignal): Promise<Ended> {
    return this.#run(GENESIS_CEREMONY, 'genesis-ceremony', [chainId, String(nodes), ...accounts], {}, kill)
  }

  patch({ params = {} }: Pick<Wanted, 'params'>): Ended {
    const { exitCode, message } = genesisPatch({ dir: this.dir, params: [JSON.stringify(params)] })
    return { status: exitCode, stderr: message }
  }

  publish(kill?: AbortSignal): Promise<Ended> {
    return this.#run(GENESIS_PUBLISH, 'genesis-publish', [], { TERMINATION_LOG: this.#messagePath }, kill)
  }

  /** The prep Job of one node, on the data volume at `home`. */
  prep(index: number, home: string, kill?: AbortSignal): Promise<Ended> {
    return this.#run(PREP_VOLUME, 'prep-volume', [String(index)], { SEI_HOME: home }, kill)
  }

  /** An empty data volume. */
  dataVolume(name: string): string {
    const path = join(this.#root, 'data volumes', name)
    mkdirSync(path, { recursive: true })
    return path
  }

  /** The termination message of the publish container. */
  message(): string {
    return readFileSync(this.#messagePath, 'utf8')
  }

  isPublished(): boolean {
    return existsSync(join(this.dir, 'genesis/.complete'))
  }

  read(path: string): string {
    return readFileSync(join(this.dir, path), 'utf8')
  }

  nodes(): readonly NodeRecord[] {
    const lines = this.read('genesis/nodes.txt').trimEnd().split('\n')
    return lines.map(line => {
      const [index, id = '', address = ''] = line.split(' ')
      return { index: Number(index), id, address }
    })
  }

  /** What the image holds. */
  get #bin(): string {
    return join(this.#root, 'bin')
  }

  get #messagePath(): string {
    return join(this.#root, 'termination-log')
  }

  #run(
    script: string,
    name: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    kill?: AbortSignal,
  ): Promise<Ended> {
    // A separate process group, because a container ends with all of its processes.
    const shell = spawn('/bin/sh', ['-c', script, name, ...args], {
      detached: true,
      cwd: this.#root,
      env: { PATH: this.#bin, GENESIS_DIR: this.dir, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const chunks: Buffer[] = []
    shell.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    const onKill = (): void => {
      if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGKILL')
    }
    kill?.addEventListener('abort', onKill)
    return new Promise((resolve, reject) => {
      shell.once('error', reject)
      shell.once('exit', () => kill?.removeEventListener('abort', onKill))
      shell.once('close', status => resolve({ status: status ?? undefined, stderr: Buffer.concat(chunks).toString() }))
    })
  }
}
