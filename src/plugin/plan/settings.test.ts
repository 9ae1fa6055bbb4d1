/** Which settings a plan is made with, and what it says of those that it cannot read. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConfigMap } from 'kubernetes-types/core/v1.d.ts'
import { VERSION } from '../../cli/version.ts'
import { ApiError } from '../../kube/errors.ts'
import type { KubeClient } from '../../kube/client.ts'
import { readOperatorSettings } from './settings.ts'

const FORBIDDEN = new ApiError({ operation: 'get', object: 'configmaps x' }, 403, {})

/** @param answers by namespace */
function clientOf(answers: Readonly<Record<string, ConfigMap | ApiError>>): Pick<KubeClient, 'get'> {
  return {
    get: async (_resource, { namespace = '' }) => {
      const answer = answers[namespace]
      if (answer instanceof ApiError) throw answer
      return answer && JSON.parse(JSON.stringify(answer))
    },
  }
}

test('the settings that the operator publishes, wherever it is', async () => {
  const data = { version: VERSION, namespaces: 'sei', SEI_NODEPOOL_NAME: 'mine' }
  const settings = await readOperatorSettings(clientOf({ system: FORBIDDEN, sei: { data } }), ['system', 'sei'])
  const { platform, namespace, watched, version, unknown } = settings
  assert.deepEqual([platform.nodepoolName, namespace, watched, version, unknown], ['mine', 'sei', ['sei'], VERSION, []])
})

test('another version is told', async () => {
  const { unknown } = await readOperatorSettings(clientOf({ sei: { data: { version: '0.0.1' } } }), ['sei'])
  assert.match(unknown.join(), /^what operator v0\.0\.1 does differently: this plan is by the code of v/)
})

test('without settings, defaults are assumed, and that is told', async () => {
  const none = await readOperatorSettings(clientOf({ system: FORBIDDEN }), ['system', 'sei'])
  assert.deepEqual([none.platform.nodepoolName, none.platform.operatorNamespace], ['sei-node', 'system'])
  assert.match(
    none.unknown.join(),
    /so the defaults are assumed: ConfigMap sei-k8s-controller-settings is neither in system nor in sei/,
  )
  const wrong = await readOperatorSettings(clientOf({ sei: { data: { SEI_AWS_REGION: 'Not a region' } } }), ['sei'])
  assert.match(wrong.unknown.join(), /ConfigMap sei\/sei-k8s-controller-settings cannot be read: .*SEI_AWS_REGION/)
})
