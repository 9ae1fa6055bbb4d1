/** snapshot-restore: reads the archive from the location of this release, and unpacks it below data/snapshots. */
import type { ObjectPlace } from '../world.ts'
import { getObject, hasMarker, required, setMarker } from './task.ts'
import type { TaskContext, TaskHandler } from './task.ts'

const TASK = 'snapshot-restore'

export const snapshotRestore: TaskHandler = async (params, context) => {
  const { home, profile, environment } = context
  if (profile.snapshotsIn === 'params') {
    const [bucket, prefix, region, chainId] = ['bucket', 'prefix', 'region', 'chainId'].map(name =>
      required(params, name, TASK),
    )
    if (hasMarker(home, 'snapshot')) return
    // Used unchanged: without a trailing slash it requests `pacific-1latest.txt`.
    const at = (name: string): ObjectPlace => ({ bucket: `${bucket}`, region: `${region}`, key: `${prefix}${name}` })
    const height = await getObject(context, TASK, at('latest.txt'))
    await unpack(context, at(`snapshot_${height.trim()}_${chainId}_${region}.tar.gz`), height.trim())
    return
  }
  if (hasMarker(home, 'snapshot')) return
  const { snapshotBucket: bucket, snapshotRegion: region } = environment
  const at = (name: string): ObjectPlace => ({ bucket, region, key: ownFolder(context) + name })
  const target = Number(params['targetHeight'] ?? 0)
  const height =
    profile.snapshotsIn === 'chain' && target === 0
      ? (await getObject(context, TASK, at('latest.txt'))).trim()
      : await highest(context, at(''), target)
  await unpack(context, at(`${height}.tar.gz`), height)
}

/** Below the bucket of the environment, for restores and for uploads. */
export function ownFolder({ profile, environment }: TaskContext): string {
  return profile.snapshotsIn === 'chain' ? `${environment.chainId}/` : `${environment.chainId}/state-sync/`
}

/** The highest archive, or the highest not above `target`. */
async function highest({ world }: TaskContext, place: ObjectPlace, target: number): Promise<string> {
  const keys = await world.objects.list(place)
  const heights = keys
    .map(key => Number(/^(\d+)\.tar\.gz$/.exec(key.slice(place.key.length))?.[1]))
    .filter(height => height > 0 && (target === 0 || height <= target))
  if (heights.length === 0) throw new Error(`no snapshots found in s3://${place.bucket}/${place.key}`)
  return String(Math.max(...heights))
}

async function unpack(context: TaskContext, place: ObjectPlace, height: string): Promise<void> {
  await getObject(context, TASK, place)
  const { home } = context
  home.write(`data/snapshots/${height}/1/0`, 'chunk')
  home.write('data/snapshots/metadata.db/CURRENT', height)
  home.write('.sei-sidecar-snapshot-height', height)
  setMarker(home, 'snapshot')
}
