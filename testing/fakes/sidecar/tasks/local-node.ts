/** Tasks that ask the seid beside the sidecar: await-condition and result-export; and reset-data, which wipes it. */
import type { Home } from '../home.ts'
import { messageOf, putObject, reader, requireParams } from './context.ts'
import type { TaskContext, TaskHandler } from './context.ts'

const POLL_MS = 100
const PAGE = 1000
const STATE = '.sei-sidecar-last-export.json'

export const awaitCondition: TaskHandler = async (params, context) => {
  const read = reader(params, context, 'awaitConditionParams')
  const [condition, action] = [read.string('condition'), read.string('action')]
  const target = read.integer('targetHeight')
  if (condition === '') throw new Error('condition is required')
  const known = condition === 'height' || (condition === 'catchingUp' && context.profile.release >= 64)
  if (!known) throw new Error(`unknown condition ${JSON.stringify(condition)}`)
  if (condition === 'height' && target <= 0) throw new Error(`targetHeight must be > 0, got ${target}`)
  while (((await localHeight(context)) ?? 0) < Math.max(1, target)) await context.sleep(POLL_MS)
  if (action !== '' && action !== 'SIGTERM_SEID') throw new Error(`unknown action ${JSON.stringify(action)}`)
}

/** Whole pages of 1000 blocks; nothing to read or nothing new is a success. */
export const resultExport: TaskHandler = async (params, context) => {
  const { home, profile } = context
  const read = reader(params, context, 'ResultExportRequest')
  const [bucket, region, prefix] = [read.string('bucket'), read.string('region'), read.string('prefix')]
  const canonical = profile.release >= 24 ? read.string('canonicalRpc') : ''
  requireParams('result-export', { bucket, region })
  // Comparing goes on until the two chains diverge, and here they never do: only a cancel ends the wait.
  if (canonical !== '') await new Promise((_, reject) => context.signal.addEventListener('abort', reject))
  const height = await localHeight(context)
  if (height === undefined) return
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
  let last = Number(/\d+/.exec(home.read(STATE) ?? home.read('.sei-sidecar-snapshot-height') ?? '')?.[0] ?? 0)
  try {
    for (; last + PAGE <= height; last += PAGE) {
      await putObject(context, { bucket, region, key: `${folder}${last + 1}-${last + PAGE}.ndjson.gz` }, 'page')
      home.write(STATE, JSON.stringify({ lastExportedHeight: last + PAGE }))
    }
  } catch (error) {
    if (profile.exportErrors === 'fail') throw new Error(`result-export: ${messageOf(error)}`, { cause: error })
  }
}

/** Leaves a signing state at height 0, and clears the marker of configure-state-sync so that it runs again. */
export const resetData: TaskHandler = async (_params, context) => {
  const { home } = context
  if ((await localHeight(context)) !== undefined) {
    throw new Error('reset-data: seid RPC is serving; node is not held — refusing to wipe a live data directory')
  }
  const wipedBytes = sizeBelow(home, 'data')
  home.remove('data')
  home.write('data/priv_validator_state.json', '{"height":"0","round":0,"step":0}\n')
  home.remove('.sei-sidecar-statesync-done')
  return { wipedBytes }
}

function sizeBelow(home: Home, path: string): number {
  const text = home.read(path)
  if (text !== undefined) return Buffer.byteLength(text)
  return home.list(path).reduce((sum, name) => sum + sizeBelow(home, `${path}/${name}`), 0)
}

/** Undefined where nothing answers, or answers in a shape that this release cannot read. */
async function localHeight({ profile, world }: TaskContext): Promise<number | undefined> {
  if (!profile.readsFlatRpc) return undefined
  try {
    return await world.rpc.latestHeight('localhost')
  } catch {
    return undefined
  }
}
