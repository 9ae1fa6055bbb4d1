/** What is made once and kept: `prepared` fills a directory of the cache, whole or not at all, in one process at a time. */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'

import { Progress, type ProgressStream } from '../progress.ts'
import { isAlive, withLock } from './lock.ts'

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

/** What a directory of the cache is to hold, and how to come by it. */
export interface Goods {
  readonly dir: string
  /** Names of the files; if one is missing, all are created again. */
  readonly files: readonly string[]
  /** In messages: "the control plane's programs". */
  readonly what: string
  /** Tried in this order. */
  readonly from: readonly Source[]
  /** What the user can do where none of them works. */
  readonly waysOut: string
}

/** Resolves when the directory holds all of its files. */
export async function prepared(goods: Goods, stream: ProgressStream): Promise<void> {
  const { dir, what } = goods
  if (isComplete(goods)) return
  let waiting: Progress | undefined
  const onWait = (holder: string): void => {
    waiting = new Progress(`Waiting for ${holder}, which prepares ${what}`, { stream })
  }
  await withLock(`${dir}.lock`, { onWait }, async () => {
    waiting?.end('it ended')
    if (isComplete(goods)) return
    stream.write(`${capitalised(what)} are made once, in some minutes, and kept in ${dir}.\n`)
    await removeLeftovers(dir)
    // Something took programs out of it, such as a cleaner of caches.
    await rm(dir, { recursive: true, force: true })
    await make(goods, stream)
  })
}

/** Those of `files` that are not in `dir`. */
export function missingFrom(dir: string, files: readonly string[]): string[] {
  return files.filter(file => !existsSync(join(dir, file)))
}

function isComplete({ dir, files }: Goods): boolean {
  return missingFrom(dir, files).length === 0
}

async function make(goods: Goods, stream: ProgressStream): Promise<void> {
  const failures: Error[] = []
  for (const source of goods.from) {
    const unfinished = await mkdtemp(`${goods.dir}${UNFINISHED}${hostname()}.${process.pid}.`)
    try {
      using progress = new Progress(source.title, { stream })
      await source.make(unfinished, progress)
      await publish(unfinished, goods)
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
    `${goods.what} could not be made (${failures.map(failure => failure.message).join('; ')}): ${goods.waysOut}`,
  )
}

/** In one step, so that nobody ever sees a part. Where another process was quicker, its result is as good. */
async function publish(unfinished: string, goods: Goods): Promise<void> {
  const missing = missingFrom(unfinished, goods.files)
  if (missing.length > 0) throw new Error(`it left out ${missing.join(', ')}`)
  try {
    await rename(unfinished, goods.dir)
  } catch (error) {
    if (!isComplete(goods)) throw error
  }
}

/** What processes that were killed left behind. Only its files show whether a process of another machine or container runs. */
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

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
