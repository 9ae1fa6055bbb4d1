/** Secrets in objects are replaced, and what only names them stays. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../kube/types.ts'
import { redactObject } from './redact-object.ts'

function redacted(object: KubeObject & Readonly<Record<string, unknown>>): unknown {
  return redactObject(object)
}

test('values of variables, flags and fields with secret names, and secrets in other texts', () => {
  const containers = [
    {
      name: 'seid',
      args: ['start', '--keyring-passphrase', 'hunter2', '--home', '/sei', '--token=abc'],
      env: [
        { name: 'RPC_PASSWORD', value: 'hunter2' },
        { name: 'RPC_URL', value: 'https://sei:hunter2@rpc.example' },
        { name: 'API_TOKEN', valueFrom: { secretKeyRef: { name: 'api', key: 'token' } } },
        { name: 'SEI_HOME', value: '/sei' },
      ],
    },
  ]
  assert.deepEqual(redacted({ spec: { containers, csi: { volumeAttributes: { clientSecret: 'hunter2' } } } }), {
    metadata: {},
    spec: {
      containers: [
        {
          name: 'seid',
          args: ['start', '--keyring-passphrase', '[redacted]', '--home', '/sei', '--token=[redacted]'],
          env: [
            { name: 'RPC_PASSWORD', value: '[redacted]' },
            { name: 'RPC_URL', value: 'https://[redacted]@rpc.example' },
            { name: 'API_TOKEN', valueFrom: { secretKeyRef: { name: 'api', key: 'token' } } },
            { name: 'SEI_HOME', value: '/sei' },
          ],
        },
      ],
      csi: { volumeAttributes: { clientSecret: '[redacted]' } },
    },
  })
})

test('names of Secrets, numbers and booleans stay', () => {
  const spec = {
    automountServiceAccountToken: false,
    imagePullSecrets: [{ name: 'registry' }],
    validator: { signingKey: { secretName: 'key' } },
    tokenExpirationSeconds: 3600,
  }
  assert.deepEqual(redacted({ spec }), { metadata: {}, spec })
})

test('managedFields and what was last applied are left out', () => {
  const metadata = {
    name: 'rpc-0',
    managedFields: [{ manager: 'kubectl' }],
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', 'sei.io/retry-plan': '1' },
  }
  assert.deepEqual(redacted({ metadata }), { metadata: { name: 'rpc-0', annotations: { 'sei.io/retry-plan': '1' } } })
})
