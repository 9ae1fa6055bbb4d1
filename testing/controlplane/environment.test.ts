/** What a program that runs on a control plane finds in its environment. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { attachedControlPlane } from './environment.ts'

test('without a control plane the message says how to get one', () => {
  assert.throws(
    () => attachedControlPlane({}),
    /is not set: run it with `make test`, or as `node testing\/controlplane\/main\.ts exec/,
  )
})

test("the developer's own KUBECONFIG is never taken for the control plane of the tests", () => {
  assert.throws(() => attachedControlPlane({ KUBECONFIG: '/home/me/.kube/config' }), /needs a control plane/)
})

test('all files are found under exec', () => {
  const env = {
    SEI_CONTROLPLANE_DIR: '/d',
    KUBECONFIG: '/d/admin',
    SEI_OPERATOR_KUBECONFIG: '/d/operator',
    SEI_STANDIN_KUBECONFIG: '/d/fake',
    SEI_BENCH_KUBECONFIG: '/d/bench',
    KUBECTL: '/bin/kubectl',
    SEI_AUDIT_LOG: '/d/audit',
  }
  assert.deepEqual(attachedControlPlane(env), {
    dir: '/d',
    kubeconfigPath: '/d/admin',
    operatorKubeconfigPath: '/d/operator',
    fakeKubeconfigPath: '/d/fake',
    benchKubeconfigPath: '/d/bench',
    kubectlPath: '/bin/kubectl',
    auditLogPath: '/d/audit',
  })
})
