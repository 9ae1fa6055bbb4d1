/** configure-genesis: the genesis embedded in seictl, or one from S3. */
import { getObject, hasMarker, reader, setMarker } from './context.ts'
import type { TaskContext, TaskHandler } from './context.ts'
import { hex } from '../world.ts'
import type { ObjectPlace } from '../world.ts'

/** Chains whose genesis comes with seictl. */
const WELL_KNOWN: ReadonlySet<string> = new Set(['pacific-1', 'atlantic-2', 'arctic-1'])
const TASK = 'configure-genesis'

export const configureGenesis: TaskHandler = async (params, context) => {
  const { profile, environment, home } = context
  const read = reader(params, context, 'ConfigureGenesisRequest')
  if (profile.genesisFrom === 'params') {
    const place = placeOf(read.string('uri'), read.string('region'))
    if (hasMarker(context, 'genesis')) return
    const body = place
      ? await getObject(context, TASK, place, `s3 GetObject ${place.bucket}/${place.key}`)
      : embedded(context)
    finish(context, body)
    return
  }
  const expected = profile.release >= 59 ? read.string('expectedGenesisHash') : ''
  if (hasMarker(context, 'genesis')) return
  if (WELL_KNOWN.has(environment.chainId)) {
    finish(context, embedded(context))
    return
  }
  const key = `${environment.chainId}/genesis.json`
  const place = { bucket: environment.genesisBucket, region: environment.genesisRegion, key }
  const body = await getObject(context, TASK, place, `s3 GetObject ${place.bucket}/${key}`)
  if (expected !== '' && hex(body) !== expected) {
    home.remove('config/genesis.json')
    const found = `downloaded genesis.json from s3://${place.bucket}/${key} has SHA-256 ${hex(body)}, expected ${expected}`
    throw new Error(`${TASK}: verify-hash: ${found}`)
  }
  finish(context, body)
}

function embedded({ environment }: TaskContext): string {
  const { chainId } = environment
  if (chainId === '') throw new Error(`${TASK}: no S3 params and SEI_CHAIN_ID is not set`)
  if (!WELL_KNOWN.has(chainId)) {
    throw new Error(`${TASK}: unknown chain ${JSON.stringify(chainId)}: provide a custom genesis source`)
  }
  return `${JSON.stringify({ chain_id: chainId, validators: [], app_state: {} })}\n`
}

function finish(context: TaskContext, body: string): void {
  context.home.write('config/genesis.json', body)
  setMarker(context, 'genesis')
}

function placeOf(uri: string, region: string): ObjectPlace | undefined {
  if (uri === '') return undefined
  if (region === '') throw new Error(`${TASK}: 'region' is required when 'uri' is set`)
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1] ?? ''
  if (scheme !== 's3') throw new Error(`${TASK}: uri must use s3:// scheme, got ${JSON.stringify(scheme)}`)
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? []
  if (bucket === undefined || key === undefined) {
    throw new Error(`${TASK}: uri must be s3://bucket/key, got ${JSON.stringify(uri)}`)
  }
  return { bucket, key, region }
}
