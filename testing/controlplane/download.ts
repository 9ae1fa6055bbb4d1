/** Fetches the official release's programs and verifies their checksums: `downloadRelease`. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { chmod, rename, rm } from 'node:fs/promises'
import { setGlobalProxyFromEnv } from 'node:http'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

import type { Progress } from '../progress.ts'
import { PROGRAMS } from './programs.ts'
import type { PinnedVersions } from './versions.ts'

export interface DownloadOptions {
  /** Receives the programs; must exist. What was fetched in part is removed. */
  readonly outDir: string
  readonly versions: PinnedVersions
  /** `${kubernetesUrl}/v1.36.3/bin/linux/amd64/kube-apiserver` and, beside it, `.sha256`. */
  readonly kubernetesUrl: string
  /** `${etcdUrl}/v3.6.16/etcd-v3.6.16-linux-amd64.tar.gz` and, beside it, `SHA256SUMS`. */
  readonly etcdUrl: string
  readonly platform: NodeJS.Platform
  readonly arch: NodeJS.Architecture
  readonly progress: Pick<Progress, 'detail'>
  /** Its HTTP_PROXY, HTTPS_PROXY and NO_PROXY apply to the download. */
  readonly env: NodeJS.ProcessEnv
  /** Timeout of a connection without data. Milliseconds. */
  readonly idleTimeoutMs?: number
}

const IDLE_TIMEOUT_MS = 30_000
/** Attempts per file, because connections break on transfers of a hundred megabytes. */
const ATTEMPTS = 3
const MEBIBYTE = 1024 * 1024

/** Rejects, naming the address, when a file is absent, cut short or not what its published checksum says. */
export async function downloadRelease(options: DownloadOptions): Promise<void> {
  const { outDir, versions } = options
  const arch = releaseArch(options.platform, options.arch)
  const fetcher = new Fetcher(options.progress, options.idleTimeoutMs ?? IDLE_TIMEOUT_MS)

  const kubernetes = async (program: string): Promise<void> => {
    const url = `${options.kubernetesUrl}/${versions.kubernetes}/bin/linux/${arch}/${program}`
    const path = join(outDir, program)
    await fetcher.fetchVerified(url, (await fetcher.text(`${url}.sha256`)).trim(), path)
    await chmod(path, 0o755)
  }
  const etcd = async (): Promise<void> => {
    const archive = `etcd-${versions.etcd}-linux-${arch}.tar.gz`
    const url = `${options.etcdUrl}/${versions.etcd}`
    const path = join(outDir, archive)
    const checksum = checksumOf(archive, await fetcher.text(`${url}/SHA256SUMS`), `${url}/SHA256SUMS`)
    await fetcher.fetchVerified(`${url}/${archive}`, checksum, path)
    await extract(path, `etcd-${versions.etcd}-linux-${arch}/etcd`, outDir)
    await rm(path)
  }

  const withoutProxy = useProxyOf(options.env)
  const transfers = PROGRAMS.map(program => (program === 'etcd' ? etcd() : kubernetes(program)))
  try {
    await Promise.all(transfers)
  } catch (error) {
    fetcher.stop()
    await Promise.allSettled(transfers)
    throw error
  } finally {
    withoutProxy()
  }
}

/** Local addresses never use a proxy. Returns the function that restores the default. */
function useProxyOf(env: NodeJS.ProcessEnv): () => void {
  const direct = [env['no_proxy'] ?? env['NO_PROXY'] ?? [], 'localhost', '127.0.0.1'].flat().join(',')
  const { HTTP_PROXY, HTTPS_PROXY, http_proxy = HTTP_PROXY, https_proxy = HTTPS_PROXY } = env
  return setGlobalProxyFromEnv({ http_proxy, https_proxy, no_proxy: direct })
}

function releaseArch(platform: NodeJS.Platform, arch: NodeJS.Architecture): 'amd64' | 'arm64' {
  if (platform !== 'linux') {
    throw new Error(`Kubernetes releases hold no kube-apiserver for ${platform}, only for Linux`)
  }
  if (arch === 'x64') return 'amd64'
  if (arch === 'arm64') return 'arm64'
  throw new Error(`Kubernetes releases are downloaded for x64 and arm64 only, this is ${arch}`)
}

/** Reads a checksum from lines `HEX  FILE` of sha256sum. */
function checksumOf(file: string, sums: string, source: string): string {
  for (const line of sums.split('\n')) {
    const [checksum, name] = line.trim().split(/\s+\*?/)
    if (checksum && name === file) return checksum
  }
  throw new Error(`${source} names no checksum of ${file}`)
}

/** Extracts one member of a gzipped tar archive, without its folders. */
function extract(archive: string, member: string, outDir: string): Promise<void> {
  const child = spawn('tar', ['-xzf', archive, '-C', outDir, '--strip-components=1', member], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.once('error', cause => reject(new Error('tar is not installed', { cause })))
    child.once('close', code => {
      if (code === 0) resolve()
      else reject(new Error(`${basename(archive)} holds no ${member}: ${stderr.trim()}`))
    })
  })
}

/** A permanent error: retries do not help. */
class FinalError extends Error {}

/** The transfers of one release: they share a progress line and an end. */
class Fetcher {
  readonly #progress: Pick<Progress, 'detail'>
  readonly #idleTimeoutMs: number
  readonly #stopped = new AbortController()
  /** Sizes of all files, including those not downloaded yet. */
  readonly #transfers = new Map<string, { fetched: number; readonly total: number }>()

  constructor(progress: Pick<Progress, 'detail'>, idleTimeoutMs: number) {
    this.#progress = progress
    this.#idleTimeoutMs = idleTimeoutMs
  }

  stop(): void {
    this.#stopped.abort(new FinalError('stopped, since another file could not be fetched'))
  }

  async text(url: string): Promise<string> {
    const chunks: Buffer[] = []
    await this.#withAttempts(url, async body => {
      chunks.length = 0
      for await (const chunk of body) chunks.push(chunk)
    })
    return Buffer.concat(chunks).toString()
  }

  /** The file appears under `path` complete and verified, or not at all. */
  async fetchVerified(url: string, sha256: string, path: string): Promise<void> {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`${url}: the checksum published for it is no SHA-256 digest`)
    const partial = `${path}.partial`
    try {
      await this.#withAttempts(url, async body => {
        const hash = createHash('sha256')
        const hashed = async function* (): AsyncGenerator<Buffer> {
          for await (const chunk of body) {
            hash.update(chunk)
            yield chunk
          }
        }
        await pipeline(hashed, createWriteStream(partial))
        const found = hash.digest('hex')
        if (found !== sha256) throw new FinalError(`checksum mismatch: expected ${sha256}, found ${found}`)
      })
      await rename(partial, path)
    } finally {
      await rm(partial, { force: true })
    }
  }

  /** Passes the body of `url` to `consume`, and retries if the connection fails during the transfer. */
  async #withAttempts(url: string, consume: (body: AsyncIterable<Buffer>) => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#attempt(url, consume)
        return
      } catch (cause) {
        if (cause instanceof FinalError || this.#stopped.signal.aborted || attempt === ATTEMPTS) {
          throw new Error(`${url}: ${describe(cause)}`, { cause })
        }
      }
    }
  }

  async #attempt(url: string, consume: (body: AsyncIterable<Buffer>) => Promise<void>): Promise<void> {
    const idle = new AbortController()
    const giveUp = (): void => idle.abort(new Error(`nothing came for ${this.#idleTimeoutMs / 1000} s`))
    const timer = setTimeout(giveUp, this.#idleTimeoutMs)
    try {
      const signal = AbortSignal.any([idle.signal, this.#stopped.signal])
      // No retry for an unreachable server: the next source is tried at once.
      const response = await fetch(url, { signal }).catch((cause: unknown) => {
        throw new FinalError(describe(cause), { cause })
      })
      if (response.status >= 400 && response.status < 500) throw new FinalError(`HTTP status ${response.status}`)
      if (!response.ok || !response.body) throw new Error(`HTTP status ${response.status}`)
      const total = Number(response.headers.get('content-length') ?? 0)
      await consume(this.#counted(url, response.body, total, timer))
    } finally {
      clearTimeout(timer)
    }
  }

  async *#counted(
    url: string,
    body: AsyncIterable<Uint8Array>,
    total: number,
    timer: NodeJS.Timeout,
  ): AsyncGenerator<Buffer> {
    const transfer = { fetched: 0, total }
    this.#transfers.set(url, transfer)
    for await (const chunk of body) {
      timer.refresh()
      transfer.fetched += chunk.byteLength
      this.#progress.detail(this.#state())
      yield Buffer.from(chunk)
    }
  }

  /** All downloads start at once, so that the total is known early. */
  #state(): string {
    let [fetched, total] = [0, 0]
    for (const transfer of this.#transfers.values()) {
      fetched += transfer.fetched
      total += Math.max(transfer.total, transfer.fetched)
    }
    return `${Math.floor(fetched / MEBIBYTE)} of ${Math.ceil(total / MEBIBYTE)} MiB fetched`
  }
}

/** The real error of fetch is in the cause of "fetch failed" and "terminated". */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof FinalError) return error.message
  return error.cause instanceof Error && error.cause.message
    ? `${error.message}: ${error.cause.message}`
    : error.message
}
