/** Temporary failures that last: after a while the status reports them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { ApiProxy, type ApiFault } from '../support/api-proxy.ts'
import { conditionOf, OperatorFixture } from '../support/operator-fixture.ts'

/** What meets each apply of the StatefulSet, by node, with what the condition says. */
const FAULTS: Readonly<Record<string, { readonly fault: ApiFault; readonly says: string }>> = {
  throttled: { fault: { kind: 'answer', status: 429, reason: 'TooManyRequests' }, says: '429 TooManyRequests' },
  unavailable: { fault: { kind: 'answer', status: 503, reason: 'ServiceUnavailable' }, says: '503 ServiceUnavailable' },
  racing: { fault: { kind: 'answer', status: 409, reason: 'Conflict' }, says: '409 Conflict' },
  cut: { fault: { kind: 'reset' }, says: 'apply statefulsets.apps' },
}

test('what lasts is in the condition, and the node comes up when it is over', async () => {
  let lasts = true
  await using proxy = await ApiProxy.start({
    kubeconfigPath: attachedControlPlane(process.env).operatorKubeconfigPath,
    faults: ({ method, resource, name }) =>
      lasts && method === 'PATCH' && resource === 'statefulsets' ? FAULTS[name]?.fault : undefined,
  })
  await using fixture = await OperatorFixture.open({ operator: { kubeconfig: proxy.kubeconfigPath, clockRate: 5 } })
  const names = Object.keys(FAULTS)
  await Promise.all(names.map(name => fixture.create(name)))
  await Promise.all(
    names.map(async name => {
      const node = await fixture.untilNode(
        name,
        'to be reported',
        each => conditionOf(each, 'Reconciling')?.reason === 'ApplyRefused',
      )
      const message = conditionOf(node, 'Reconciling')?.message ?? ''
      assert.ok(message.includes(FAULTS[name]?.says ?? ''), message)
    }),
  )
  lasts = false
  await Promise.all(names.map(name => fixture.untilRunning(name)))
})
