/** Statements about the end of a pod that a finalizer keeps, which is how a validator's seid is known to have ended: `ENDS`. */
import assert from 'node:assert/strict'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { VALIDATOR_POD_FINALIZER } from '../../src/api/names.ts'
import { podEnd } from '../../src/controllers/seinode/children/release-pod.ts'
import { pods } from '../../src/kube/resources.ts'
import type { Suite, Statement } from './suite.ts'

async function deleteKept(suite: Suite, { metadata }: Pod, gracePeriodSeconds?: number): Promise<Pod> {
  const { client, namespace } = suite.subject
  const [name = '', uid = ''] = [metadata?.name, metadata?.uid]
  const finalizers = [VALIDATOR_POD_FINALIZER]
  await client.patch(pods, { namespace, name }, { metadata: { finalizers } }, { type: 'merge' })
  const grace = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }
  await client.delete(pods, { namespace, name }, { uid, ...grace })
  const ended = await suite.pod(name, 'reported as ended', pod => podEnd(pod, 0).kind === 'ended')
  assert.equal(ended.metadata?.uid, uid)
  await client.patch(pods, { namespace, name }, { metadata: { finalizers: null } }, { type: 'merge' })
  await suite.gone(name, uid)
  return ended
}

export const ENDS: readonly Statement[] = [
  [
    'a deleted pod that a finalizer keeps is reported in a terminal phase, its containers terminated, and goes with the finalizer',
    async suite => {
      const ended = await deleteKept(suite, await suite.running('kept'))
      assert.ok(['Succeeded', 'Failed'].includes(ended.status?.phase ?? ''))
    },
  ],
  [
    'the same for one that is deleted by force',
    async suite => {
      await deleteKept(suite, await suite.running('kept-forced'), 0)
    },
  ],
  [
    'the same for one whose main container never started',
    async suite => {
      await deleteKept(suite, await suite.gated('kept-gated'))
    },
  ],
]
