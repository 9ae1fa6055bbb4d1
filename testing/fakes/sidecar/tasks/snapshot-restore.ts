/** snapshot-restore: finds the archive where this release looks, and unpacks it below data/snapshots. */
import { getObject, hasMarker, reader, requireParams, setMarker } from './context.ts'
import type { TaskContext, TaskHandler } from './context.ts'
import type { ObjectPlace } from '../world.ts'

export const snapshotRestore: TaskHandler = async (params, context) => {
  const { profile, environment } = context
  if (profile.restoreFrom === 'params') {
    const read = reader(params, context, 'snapshotRestoreParams')
    const [bucket, prefix, region, chainId] = ['bucket', 'prefix', 'region', 'chainId'].map(name => read.string(name))
    const wanted = { bucket: bucket ?? '', prefix: prefix ?? '', region: region ?? '', chainId: chainId ?? '' }
    requireParams('snapshot-restore', wanted)
    if (hasMarker(context, 'snapshot')) return
    // Taken as it stands: without a trailing slash it is `pacific-1latest.txt` that is asked for.
    const at = (key: string): ObjectPlace => ({
      bucket: wanted.bucket,
      region: wanted.region,
      key: wanted.prefix + key,
    })
    const height = await latest(context, at('latest.txt'))
    await unpack(context, at(`snapshot_${height}_${wanted.chainId}_${wanted.region}.tar.gz`), height)
    return
  }
  const target = reader(params, context, 'SnapshotRestoreRequest').integer('targetHeight')
  if (hasMarker(context, 'snapshot')) return
  if (target < 0) throw new Error(`snapshot-restore: targetHeight must be >= 0, got ${target}`)
  const folder = `${environment.chainId}/${profile.restoreFrom === 'chain' ? '' : 'state-sync/'}`
  const at = (key: string): ObjectPlace => ({
    bucket: environment.snapshotBucket,
    region: environment.snapshotRegion,
    key: folder + key,
  })
  const height =
    profile.restoreFrom === 'chain' && target === 0
      ? await latest(context, at('latest.txt'))
      : await highest(context, at(''), target)
  await unpack(context, at(`${height}.tar.gz`), height)
}

async function latest(context: TaskContext, place: ObjectPlace): Promise<string> {
  const height = (await getObject(context, 'snapshot-restore', place, 'reading latest.txt')).trim()
  if (height === '') throw new Error('latest.txt is empty')
  return height
}

/** The highest archive, or the highest not above `target`. */
async function highest(context: TaskContext, place: ObjectPlace, target: number): Promise<string> {
  const keys = await context.world.objects.list(place)
  const heights = keys
    .map(key => Number(/^(\d+)\.tar\.gz$/.exec(key.slice(place.key.length))?.[1]))
    .filter(height => height > 0 && (target === 0 || height <= target))
  if (heights.length === 0) throw new Error(`no snapshots found in s3://${place.bucket}/${place.key}`)
  return String(Math.max(...heights))
}

async function unpack(context: TaskContext, place: ObjectPlace, height: string): Promise<void> {
  await getObject(context, 'snapshot-restore', place, `s3 GetObject ${place.bucket}/${place.key}`)
  context.home.write(`data/snapshots/${height}/1/0`, 'chunk')
  context.home.write('data/snapshots/metadata.db/CURRENT', height)
  context.home.write('.sei-sidecar-snapshot-height', height)
  setMarker(context, 'snapshot')
}
