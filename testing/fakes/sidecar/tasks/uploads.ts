/** What a running node uploads: snapshot-upload, once or for ever as the release has it, snapshot-upload-once and result-export. */
import type { Params } from '../task-table.ts'
import type { ObjectPlace } from '../world.ts'
import { ownFolder } from './restore.ts'
import { FailedWithResult, messageOf, placeBelow, putObject } from './task.ts'
import type { TaskContext, TaskHandler } from './task.ts'

const UPLOADED = '.sei-sidecar-last-upload.json'
const EXPORTED = '.sei-sidecar-last-export.json'
/** Distance between two snapshots, in blocks. */
const PAGE = 1000

export const snapshotUpload: TaskHandler = async (params, context) => {
  const at = placeOf(params, context)
  if (context.profile.upload === 'once') {
    await attempt(at, context)
    return
  }
  for (;;) {
    // A failed attempt is only logged; the next interval tries again.
    await attempt(at, context).catch(() => {})
    await context.sleep(context.environment.uploadIntervalMs)
  }
}

export const snapshotUploadOnce: TaskHandler = async (params, context) => {
  try {
    return await attempt(placeOf(params, context), context)
  } catch (error) {
    throw new FailedWithResult(error, { outcome: 'error' })
  }
}

/** Whole pages; nothing to read or nothing new is a success. */
export const resultExport: TaskHandler = async (params, context) => {
  const { home, world } = context
  const at = placeBelow(params, 'result-export')
  const height = await Promise.try(() => world.rpc.latestHeight('localhost')).catch(() => 0)
  for (let last = numberIn(home.read(EXPORTED)); last + PAGE <= height; last += PAGE) {
    await putObject(context, at(`${last + 1}-${last + PAGE}.ndjson.gz`), 'page')
    home.write(EXPORTED, JSON.stringify({ lastExportedHeight: last + PAGE }))
  }
}

/** The result of snapshot-upload-once. */
type Attempt =
  | { readonly outcome: 'uploaded'; readonly height: number; readonly key: string }
  | { readonly outcome: 'noop'; readonly noopReason: string }

/** Uploads the second newest snapshot. */
async function attempt(at: (key: string) => ObjectPlace, context: TaskContext): Promise<Attempt> {
  const { home } = context
  const heights = home.list('data/snapshots').map(Number)
  const height = heights
    .filter(name => name > 0)
    .toSorted((a, b) => a - b)
    .at(-2)
  if (height === undefined) return { outcome: 'noop', noopReason: 'fewer than 2 snapshots' }
  if (numberIn(home.read(UPLOADED)) >= height) {
    return { outcome: 'noop', noopReason: `height ${height} is uploaded already` }
  }
  const archive = at(`${height}.tar.gz`)
  try {
    await putObject(context, archive, 'archive')
    await putObject(context, at('latest.txt'), String(height))
  } catch (error) {
    throw new Error(`uploading ${archive.key}: ${messageOf(error)}`, { cause: error })
  }
  home.write(UPLOADED, JSON.stringify({ lastUploadedHeight: height }))
  return { outcome: 'uploaded', height, key: archive.key }
}

function placeOf(params: Params, context: TaskContext): (key: string) => ObjectPlace {
  if (context.profile.snapshotsIn === 'params') return placeBelow(params, 'snapshot-upload')
  const { snapshotBucket: bucket, snapshotRegion: region } = context.environment
  return key => ({ bucket, region, key: ownFolder(context) + key })
}

function numberIn(state = ''): number {
  return Number(/\d+/.exec(state)?.[0] ?? 0)
}
