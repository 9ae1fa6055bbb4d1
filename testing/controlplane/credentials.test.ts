/** Tokens, kubeconfigs and command lines fit together. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { FILE_USERS, kubeconfig, newTokens, serviceAccountKeys, tokenFile, USERS } from './credentials.ts'

test('every user but the operator, whose token the API server issues, has one line in the token file', () => {
  const tokens = newTokens()
  const lines = tokenFile(tokens).trimEnd().split('\n')
  assert.equal(new Set(Object.values(tokens)).size, lines.length)
  assert.deepEqual([...FILE_USERS, 'operator'].toSorted(), Object.keys(USERS).toSorted())
  assert.ok(lines.includes(`${tokens.admin},admin,admin,"system:masters"`))
  assert.ok(lines.includes(`${tokens.bench},bench,bench,""`), 'the bare writer has no group')
})

test('a kubeconfig needs no other file', () => {
  const config: unknown = JSON.parse(kubeconfig('https://127.0.0.1:1', 'PEM', 'bench', 'secret'))
  assert.deepEqual(config, {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'local',
    clusters: [
      {
        name: 'local',
        cluster: { server: 'https://127.0.0.1:1', 'certificate-authority-data': 'UEVN' },
      },
    ],
    users: [{ name: 'bench', user: { token: 'secret' } }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'bench' } }],
  })
})

test('service account keys are PEM texts in the forms that Kubernetes reads', () => {
  const { privateKey, publicKey } = serviceAccountKeys()
  assert.match(privateKey, /^-----BEGIN EC PRIVATE KEY-----\n/)
  assert.match(publicKey, /^-----BEGIN PUBLIC KEY-----\n/)
})
