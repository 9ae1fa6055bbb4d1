/** snapshot-upload, once or for ever as the release has it, and snapshot-upload-once. */
import type { ObjectPlace } from '../world.ts'
import { FailedWithResult, messageOf, putObject, reader, requireParams } from './context.ts'
import type { TaskContext, TaskHandler } from './context.ts'

const STATE = '.sei-sidecar-last-upload.json'

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

/** As snapshot-upload-once tells it. */
type Attempt =
  | { readonly outcome: 'uploaded'; readonly height: number; readonly key: string }
  | { readonly outcome: 'noop'; readonly noopReason: string }

/** Uploads the second newest snapshot. */
async function attempt(at: (key: string) => ObjectPlace, context: TaskContext): Promise<Attempt> {
  const { home, profile } = context
  const height = home
    .list('data/snapshots')
    .map(Number)
    .filter(name => name > 0)
    .toSorted((a, b) => a - b)
    .at(-2)
  if (height === undefined) return { outcome: 'noop', noopReason: 'fewer than 2 snapshots' }
  if (lastHeight(home.read(STATE)) >= height)
    return { outcome: 'noop', noopReason: `height ${height} is uploaded already` }
  const archive = at(`${height}.tar.gz`)
  if (profile.uploadOfDirectory === 'fails' && home.isDirectory('data/snapshots/metadata.db')) {
    throw new Error(`uploading ${archive.key}: read ${home.root}/data/snapshots/metadata.db: is a directory`)
  }
  await upload(context, archive, 'archive')
  await upload(context, at('latest.txt'), String(height))
  home.write(STATE, JSON.stringify({ lastUploadedHeight: height }))
  return { outcome: 'uploaded', height, key: archive.key }
}

async function upload(context: TaskContext, place: ObjectPlace, body: string): Promise<void> {
  try {
    await putObject(context, place, body)
  } catch (error) {
    throw new Error(`uploading ${place.key}: ${messageOf(error)}`, { cause: error })
  }
}

function lastHeight(state: string | undefined): number {
  return Number(/\d+/.exec(state ?? '')?.[0] ?? 0)
}

function placeOf(params: Readonly<Record<string, unknown>>, context: TaskContext): (key: string) => ObjectPlace {
  const { profile, environment } = context
  if (profile.uploadTo !== 'params') {
    const folder = `${environment.chainId}/${profile.uploadTo === 'chain' ? '' : 'state-sync/'}`
    return key => ({ bucket: environment.snapshotBucket, region: environment.snapshotRegion, key: folder + key })
  }
  const read = reader(params, context, 'SnapshotUploadRequest')
  const [bucket, region, prefix] = [read.string('bucket'), read.string('region'), read.string('prefix')]
  requireParams('snapshot-upload', { bucket, region })
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
  return key => ({ bucket, region, key: folder + key })
}
