/** A lock file between processes, so that one prepares shared files and the others wait: `withLock`. */
import { readFileSync, statSync } from 'node:fs'
import { rm, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

const HEARTBEAT_MS = 2000
/** A holder touches its lock every two seconds. After this long it has been stopped, or its process id was reused. */
const STALE_MS = 30_000
const POLL_MS = 200

export interface LockOptions {
  /** Called once, when somebody else holds the lock. */
  readonly onWait: (holder: string) => void
}

/**
 * Runs `action` while holding the lock file `path`. A lock whose holder died on this host, or was silent for 30 s, is taken over. Two
 * waiters that take over at the same instant may both continue: the lock saves work, so `action` must be safe to run twice.
 */
export async function withLock<T>(path: string, options: LockOptions, action: () => Promise<T>): Promise<T> {
  await acquire(path, options)
  const heartbeat = setInterval(() => void touch(path), HEARTBEAT_MS)
  heartbeat.unref()
  try {
    return await action()
  } finally {
    clearInterval(heartbeat)
    if (isOwn(holderOf(path))) await rm(path, { force: true })
  }
}

/** Whether a process of that id runs on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !hasCode(error, 'ESRCH')
  }
}

async function acquire(path: string, options: LockOptions): Promise<void> {
  for (let waited = false; ;) {
    try {
      await writeFile(path, `${process.pid} ${hostname()}\n`, { flag: 'wx' })
      return
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
    }
    if (isStale(path)) {
      await rm(path, { force: true })
      continue
    }
    if (!waited) options.onWait(nameOf(holderOf(path)))
    waited = true
    await delay(POLL_MS)
  }
}

function isStale(path: string): boolean {
  const holder = holderOf(path)
  if (holder?.host === hostname() && !isAlive(holder.pid)) return true
  const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs
  return touched !== undefined && Date.now() - touched > STALE_MS
}

/** A process id means nothing in another container or on another machine that shares the directory. */
interface Holder {
  readonly pid: number
  readonly host: string
}

function isOwn(holder: Holder | undefined): boolean {
  return holder?.pid === process.pid && holder.host === hostname()
}

function nameOf(holder: Holder | undefined): string {
  if (holder === undefined) return 'process (starting)'
  return holder.host === hostname() ? `process ${holder.pid}` : `process ${holder.pid} on ${holder.host}`
}

/** Undefined while the file is absent or its writer has not filled it yet. */
function holderOf(path: string): Holder | undefined {
  try {
    const [pid = '', host = ''] = readFileSync(path, 'utf8').trim().split(' ')
    return pid === '' ? undefined : { pid: Number(pid), host }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now).catch(() => undefined)
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
