/** Tokens, kubeconfigs and command lines fit together. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { kubeconfig, newTokens, serviceAccountKeys, tokenFile, USER_KEYS, USERS } from './credentials.ts'

test('every user has a token of its own, in one line of the token file', () => {
  const tokens = newTokens()
  const lines = tokenFile(tokens).trimEnd().split('\n')
  assert.equal(new Set(Object.values(tokens)).size, Object.keys(USERS).length)
  assert.deepEqual([...USER_KEYS].toSorted(), Object.keys(USERS).toSorted())
  assert.ok(lines.includes(`${tokens.admin},admin,admin,"system:masters"`))
  assert.ok(lines.includes(`${tokens.operator},sei-k8s-controller,sei-k8s-controller,""`), 'the operator has no group')
})

test('a kubeconfig needs no other file', () => {
  const config: unknown = JSON.parse(kubeconfig('https://127.0.0.1:1', 'PEM', 'operator', 'secret'))
  assert.deepEqual(config, {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'devcluster',
    clusters: [
      {
        name: 'devcluster',
        cluster: { server: 'https://127.0.0.1:1', 'certificate-authority-data': 'UEVN' },
      },
    ],
    users: [{ name: 'sei-k8s-controller', user: { token: 'secret' } }],
    contexts: [{ name: 'devcluster', context: { cluster: 'devcluster', user: 'sei-k8s-controller' } }],
  })
})

test('service account keys are PEM texts in the forms that Kubernetes reads', () => {
  const { privateKey, publicKey } = serviceAccountKeys()
  assert.match(privateKey, /^-----BEGIN EC PRIVATE KEY-----\n/)
  assert.match(publicKey, /^-----BEGIN PUBLIC KEY-----\n/)
})
