/** generate-gentx, upload-genesis-artifacts and assemble-and-upload-genesis: a ceremony through S3. */
import { isObject } from '../params.ts'
import { hex } from '../world.ts'
import type { ObjectPlace } from '../world.ts'
import { getObject, hasMarker, reader, requireParams, setMarker } from './context.ts'
import type { TaskContext, TaskHandler } from './context.ts'
import { nodeIdOf } from './identity.ts'

export const generateGentx: TaskHandler = async (params, context) => {
  const task = 'generate-gentx'
  const { home } = context
  const read = reader(params, context, 'generateGentxParams')
  const wanted = {
    chainId: read.string('chainId'),
    stakingAmount: read.string('stakingAmount'),
    accountBalance: read.string('accountBalance'),
  }
  if (hasMarker(context, 'gentx')) return
  requireParams(task, wanted)
  const genesis: unknown = JSON.parse(home.read('config/genesis.json') ?? '{}')
  if (!isObject(genesis) || !isObject(genesis['app_state'])) {
    throw new Error(`${task}: reading genesis: config/genesis.json has no app_state`)
  }
  const id = nodeIdOf(home)
  if (id === undefined) throw new Error(`${task}: reading node_key.json: no such file or directory`)
  home.write(`config/gentx/gentx-${id}.json`, JSON.stringify({ ...wanted, memo: `${id}@0.0.0.0:26656` }))
  setMarker(context, 'gentx')
}

export const uploadGenesisArtifacts: TaskHandler = async (params, context) => {
  const task = 'upload-genesis-artifacts'
  const { home, world } = context
  const nodeName = reader(params, context, 'uploadArtifactsParams').string('nodeName')
  if (hasMarker(context, 'artifact-upload')) return
  const at = bucketOf(task, params, context)
  requireParams(task, { nodeName })
  const gentx = home.list('config/gentx').find(name => name.endsWith('.json'))
  if (gentx === undefined)
    throw new Error(`${task}: reading gentx dir: open ${home.root}/config/gentx: no such file or directory`)
  await world.objects.put(at(`${nodeName}/gentx.json`), home.read(`config/gentx/${gentx}`) ?? '')
  const identity = { node_key: JSON.parse(home.read('config/node_key.json') ?? 'null') }
  await world.objects.put(at(`${nodeName}/identity.json`), JSON.stringify(identity))
  setMarker(context, 'artifact-upload')
}

export const assembleAndUploadGenesis: TaskHandler = async (params, context) => {
  const task = 'assemble-and-upload-genesis'
  const { profile, world } = context
  const read = reader(params, context, 'assembleGenesisParams')
  const names = read.list('nodes').map(node => textField(node, 'name'))
  const [accountBalance, namespace] = [read.string('accountBalance'), read.string('namespace')]
  if (hasMarker(context, 'assemble')) return undefined
  const at = bucketOf(task, params, context)
  if (profile.release >= 23) requireParams(task, { accountBalance, namespace })
  if (names.length === 0 || names.includes('')) throw new Error(`${task}: missing required param 'nodes'`)
  const gentxs: unknown[] = []
  const peers: string[] = []
  for (const name of names) {
    const place = at(`${name}/gentx.json`)
    const gentx: unknown = JSON.parse(await getObject(context, task, place, `${task}: downloading ${place.key}`))
    gentxs.push(gentx)
    const id = textField(gentx, 'memo').split('@')[0] ?? ''
    peers.push(`${id}@${name}-0.${name}.${namespace}.svc.cluster.local:26656`)
  }
  const genesis = JSON.stringify({ chain_id: context.environment.chainId, app_state: { genutil: { gen_txs: gentxs } } })
  await world.objects.put(at('genesis.json'), genesis)
  if (profile.release >= 23) await world.objects.put(at('peers.json'), JSON.stringify(peers))
  setMarker(context, 'assemble')
  return { genesisHash: hex(genesis) }
}

/** Where artifacts live: named by the parameters to v0.0.25, by the environment and the chain id since. */
function bucketOf(
  task: string,
  params: Readonly<Record<string, unknown>>,
  context: TaskContext,
): (key: string) => ObjectPlace {
  const { profile, environment } = context
  if (profile.genesisFrom === 'environment') {
    const { genesisBucket: bucket, genesisRegion: region, chainId } = environment
    return key => ({ bucket, region, key: `${chainId}/${key}` })
  }
  const read = reader(params, context, 'artifactParams')
  const [s3Bucket, s3Region, s3Prefix] = [read.string('s3Bucket'), read.string('s3Region'), read.string('s3Prefix')]
  requireParams(task, { s3Bucket, s3Region })
  const folder = s3Prefix === '' || s3Prefix.endsWith('/') ? s3Prefix : `${s3Prefix}/`
  return key => ({ bucket: s3Bucket, region: s3Region, key: folder + key })
}

function textField(from: unknown, name: string): string {
  const value = isObject(from) ? from[name] : undefined
  return typeof value === 'string' ? value : ''
}
