/** configure-genesis: the genesis embedded in seictl, or one from S3. */
import { hex } from '../world.ts'
import type { ObjectPlace } from '../world.ts'
import type { Params } from '../task-table.ts'
import { getObject, hasMarker, setMarker, text } from './task.ts'
import type { TaskContext, TaskHandler } from './task.ts'

/** Chains whose genesis comes with seictl. */
const WELL_KNOWN: ReadonlySet<string> = new Set(['pacific-1', 'atlantic-2', 'arctic-1'])
const TASK = 'configure-genesis'

export const configureGenesis: TaskHandler = async (params, context) => {
  const { profile, environment, home } = context
  const place = profile.genesisFrom === 'params' ? namedPlace(params) : ownPlace(context)
  if (hasMarker(home, 'genesis')) return
  const body = place ? await getObject(context, TASK, place) : embedded(environment.chainId)
  const expected = profile.checksGenesisHash && place ? text(params, 'expectedGenesisHash') : ''
  if (place && expected !== '' && hex(body) !== expected) {
    const found = `downloaded genesis.json from s3://${place.bucket}/${place.key} has SHA-256 ${hex(body)}`
    throw new Error(`${TASK}: verify-hash: ${found}, expected ${expected}`)
  }
  home.write('config/genesis.json', body)
  setMarker(home, 'genesis')
}

/** Undefined where the parameters name none. */
function namedPlace(params: Params): ObjectPlace | undefined {
  const [uri, region] = [text(params, 'uri'), text(params, 'region')]
  if (uri === '') return undefined
  if (region === '') throw new Error(`${TASK}: 'region' is required when 'uri' is set`)
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? []
  if (bucket === undefined || key === undefined) {
    throw new Error(`${TASK}: uri must be s3://bucket/key, got ${JSON.stringify(uri)}`)
  }
  return { bucket, key, region }
}

/** Newer releases read no parameter, and S3 only for a chain that they do not know. */
function ownPlace({ environment }: TaskContext): ObjectPlace | undefined {
  const { chainId, genesisBucket: bucket, genesisRegion: region } = environment
  return WELL_KNOWN.has(chainId) ? undefined : { bucket, region, key: `${chainId}/genesis.json` }
}

function embedded(chainId: string): string {
  if (chainId === '') throw new Error(`${TASK}: no S3 params and SEI_CHAIN_ID is not set`)
  if (!WELL_KNOWN.has(chainId)) {
    throw new Error(`${TASK}: unknown chain ${JSON.stringify(chainId)}: provide a custom genesis source`)
  }
  return `${JSON.stringify({ chain_id: chainId, validators: [], app_state: {} })}\n`
}
