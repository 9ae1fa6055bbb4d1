/** Where the control plane's programs come from: `resolveBinaries` takes, builds or downloads them, once. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { Progress, type ProgressStream } from '../progress.ts'
import { cacheRoot } from './cache-root.ts'
import { downloadInProcess } from './download-process.ts'
import { goBuild } from './go-build.ts'
import { isAlive, withLock } from './lock.ts'
import { type Binaries, binariesIn, missingFrom, PROGRAMS } from './programs.ts'
import { pinnedVersions } from './versions.ts'

const MODULE_DIR = fileURLToPath(new URL('../../hack/controlplane', import.meta.url))
const WAYS_OUT =
  'install Go 1.26 or newer (https://go.dev/dl), or set KUBEBUILDER_ASSETS to a directory that holds etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kubectl'

/** Between the directory's name and that of who fills it: host, process id and something unique, with dots between. */
const UNFINISHED = '.unfinished-'
/** No build takes this long. */
const ABANDONED_MS = 6 * 3_600_000

/** One way to come by the programs. `make` fills an empty directory; it rejects with a sentence that says what is in the way. */
export interface Source {
  /** The title of its progress line: "Building Kubernetes v1.36.3 with Go". */
  readonly title: string
  make(dir: string, progress: Progress): Promise<void>
}

/**
 * `KUBEBUILDER_ASSETS` where it holds all of them, else the cache, else a build with Go, else the official release.
 * Assets that hold only a part (setup-envtest has no kube-controller-manager) are not mixed with programs of another release.
 */
export async function resolveBinaries(
  env: NodeJS.ProcessEnv,
  stream: ProgressStream = process.stderr,
): Promise<Binaries> {
  const assets = env['KUBEBUILDER_ASSETS']
  if (assets) {
    if (!existsSync(assets)) throw new Error(`KUBEBUILDER_ASSETS: there is no directory ${assets}`)
    const missing = missingFrom(assets)
    if (missing.length === 0) return binariesIn(assets)
    stream.write(`KUBEBUILDER_ASSETS=${assets} is not used: it lacks ${missing.join(', ')}.\n`)
  }
  const goMod = await readFile(join(MODULE_DIR, 'go.mod'), 'utf8')
  const goSum = await readFile(join(MODULE_DIR, 'go.sum'), 'utf8')
  const hash = createHash('sha256')
    .update(goMod)
    .update(goSum)
    .update(`${process.platform} ${process.arch} ${PROGRAMS.join(' ')}`)
    .digest('hex')
  const root = await cacheRoot(env)
  const dir = join(root.dir, `controlplane-${hash.slice(0, 16)}`)
  return prepared(dir, sources(goMod, root.overriddenHome ? { ...env, HOME: root.dir } : env), stream)
}

/** The programs in `dir`, made by the first of `sources` that can where they are not there yet. Whole or not at all. */
export async function prepared(dir: string, from: readonly Source[], stream: ProgressStream): Promise<Binaries> {
  if (isComplete(dir)) return binariesIn(dir)
  let waiting: Progress | undefined
  const onWait = (holder: string): void => {
    waiting = new Progress(`Waiting for ${holder}, which prepares the control plane's programs`, { stream })
  }
  await withLock(`${dir}.lock`, { onWait }, async () => {
    waiting?.end('it ended')
    if (isComplete(dir)) return
    stream.write(`The control plane's programs are made once, in some minutes, and kept in ${dir}.\n`)
    await removeLeftovers(dir)
    // Something took programs out of it, such as a cleaner of caches.
    await rm(dir, { recursive: true, force: true })
    await makeFrom(from, dir, stream)
  })
  return binariesIn(dir)
}

function isComplete(dir: string): boolean {
  return missingFrom(dir).length === 0
}

function sources(goMod: string, env: NodeJS.ProcessEnv): Source[] {
  const versions = pinnedVersions(goMod)
  const build: Source = {
    title: `Building Kubernetes ${versions.kubernetes} with Go`,
    make: (outDir, progress) => goBuild({ moduleDir: MODULE_DIR, outDir, versions, env, progress }),
  }
  const download: Source = {
    title: `Downloading Kubernetes ${versions.kubernetes}`,
    make: (outDir, progress) =>
      downloadInProcess(
        {
          outDir,
          versions,
          kubernetesUrl: env['SEI_K8S_DOWNLOAD_URL'] ?? 'https://dl.k8s.io',
          etcdUrl: env['SEI_ETCD_DOWNLOAD_URL'] ?? 'https://github.com/etcd-io/etcd/releases/download',
          platform: process.platform,
          arch: process.arch,
          progress,
        },
        env,
      ),
  }
  return [build, download]
}

async function makeFrom(from: readonly Source[], dir: string, stream: ProgressStream): Promise<void> {
  const failures: Error[] = []
  for (const source of from) {
    const unfinished = await mkdtemp(`${dir}${UNFINISHED}${hostname()}.${process.pid}.`)
    try {
      using progress = new Progress(source.title, { stream })
      await source.make(unfinished, progress)
      await publish(unfinished, dir)
      progress.end('done')
      return
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error))
      failures.push(failure)
      stream.write(`${source.title}: not possible: ${failure.message}\n`)
    } finally {
      await rm(unfinished, { recursive: true, force: true })
    }
  }
  throw new AggregateError(
    failures,
    `there are no programs for a control plane, since none could be made (${failures.map(failure => failure.message).join('; ')}): ${WAYS_OUT}`,
  )
}

/** In one step, so that nobody ever sees a part. Where another process was quicker, its result is as good. */
async function publish(unfinished: string, dir: string): Promise<void> {
  const missing = missingFrom(unfinished)
  if (missing.length > 0) throw new Error(`it left out ${missing.join(', ')}`)
  try {
    await rename(unfinished, dir)
  } catch (error) {
    if (!isComplete(dir)) throw error
  }
}

/** What processes that were killed left behind. Whether one of another machine or container runs can only be told by its traces. */
async function removeLeftovers(dir: string): Promise<void> {
  const prefix = `${basename(dir)}${UNFINISHED}`
  for (const name of await readdir(dirname(dir))) {
    if (!name.startsWith(prefix)) continue
    const path = join(dirname(dir), name)
    const [pid = '', ...host] = name.slice(prefix.length).split('.').toReversed().slice(1)
    const isOwn = host.toReversed().join('.') === hostname()
    const isLeft = isOwn ? !isAlive(Number(pid)) : Date.now() - (await stat(path)).mtimeMs > ABANDONED_MS
    if (isLeft) await rm(path, { recursive: true, force: true })
  }
}
