/** What a consent to a volume asks for, writes and waits for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACCEPT_ANNOTATION } from '../../api/names.ts'
import { seiNodePools, seiNodes } from '../../api/resources.ts'
import type { SeiNode } from '../../api/seinode.ts'
import { seiNode } from '../../build/testdata/nodes.ts'
import { seiNodePool } from '../../build/testdata/pools.ts'
import { persistentVolumeClaims } from '../../kube/resources.ts'
import type { Target } from '../cluster/find.ts'
import { EXIT_CODES, PluginError } from '../exit-code.ts'
import { World } from '../plan/simulation/world.ts'
import { worldClient } from '../plan/simulation/world-client.ts'
import { prepareAcceptVolume } from './accept-volume.ts'
import type { ObjectContext } from './action.ts'

const lastTransitionTime = '2026-11-27T11:00:00Z'

function contextOf(target: Target): { readonly world: World; readonly context: ObjectContext } {
  const world = new World({ newID: () => 'new', now: () => 0 })
  if (target.kind === 'node') world.load(seiNodes, target.object)
  else world.load(seiNodePools, target.object)
  const cluster = { client: worldClient(world) }
  const context = { cluster, namespace: 'sei', target, signal: new AbortController().signal, now: () => 0 }
  return { world, context }
}

/** A validator whose volume on record is `recorded`. */
function validator(recorded: string, reason: string, message: string, annotations = {}): SeiNode {
  const conditions = [{ type: 'Stalled', status: 'True' as const, reason, message, lastTransitionTime }]
  const initPlan = { phase: 'Active' as const, volumeUID: recorded, tasks: [] }
  const node = seiNode('val', { mode: 'validator', genesis: {} }, { annotations })
  return { ...node, status: { phase: 'Failed', conditions, initPlan } }
}

test('a second consent that is due after the first ends the wait, and is named', async () => {
  const annotations = { [ACCEPT_ANNOTATION]: 'earlier' }
  const before = validator('old', 'VolumeReplaced', 'the volume was replaced', annotations)
  const { world, context } = contextOf({ kind: 'node', object: before })
  world.load(persistentVolumeClaims, { metadata: { namespace: 'sei', name: 'data-val', uid: 'new' } })
  const { steps } = await prepareAcceptVolume(context, 'new', true)
  const [step] = steps
  assert.ok(step)
  await step.act()
  const written = world.get(seiNodes, { namespace: 'sei', name: 'val' })?.metadata.annotations
  assert.equal(written?.[ACCEPT_ANNOTATION], 'earlier,new')
  const unseen = await step.look()
  assert.deepEqual([unseen.kind, unseen.message], ['waiting', 'val: the operator has not acted on the consent yet'])

  world.load(seiNodes, validator('new', 'SigningStateMissing', 'set it to new,unsigned:new', written))
  const due = await step.look()
  assert.equal(due.kind, 'stalled')
  assert.match(due.message, /SigningStateMissing: set it to new,unsigned:new/)

  world.load(seiNodes, validator('new', 'VolumeReplaced', 'of the time before', written))
  assert.equal((await step.look()).kind, 'waiting')
})

test('of several volumes of a pool one is accepted, by its value', async () => {
  const nodes = [
    { name: 'net-0', ready: false, dataVolumeUID: 'a', replacedBy: 'none' },
    { name: 'net-1', ready: false, dataVolumeUID: 'b', replacedBy: 'other' },
    { name: 'net-2', ready: false, dataVolumeUID: 'c' },
  ]
  const { context } = contextOf({ kind: 'pool', object: { ...seiNodePool('net'), status: { nodes } } })
  await assert.rejects(prepareAcceptVolume(context, undefined, false), (error: unknown) => {
    assert.ok(error instanceof PluginError)
    assert.equal(error.exitCode, EXIT_CODES.usage)
    assert.match(error.message, /^2 volumes of SeiNodePool sei\/net wait for consent: .*: net-0: lost:a, net-1: other$/)
    return true
  })
  const { says } = await prepareAcceptVolume(context, 'other', false)
  assert.match(says.join('\n'), /^Validator net-1, other: .*\n.* gets: other\./)
})
