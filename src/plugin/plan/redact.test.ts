/** Which values are not shown. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redacted } from './redact.ts'

const CASES: readonly (readonly [path: string, value: unknown, shown: unknown])[] = [
  ['spec.image', 'seid:v1', 'seid:v1'],
  ['spec.overrides.evm.api_key', 'abc', '[redacted]'],
  ['spec.validator.signingKey.secretName', 'keys', 'keys'],
  ['spec.automountServiceAccountToken', false, false],
  ['spec.containers[name=seid].env[name=AWS_SECRET_ACCESS_KEY].value', 'abc', '[redacted]'],
  ['spec.containers[name=seid].env[name=HOME].value', '/sei', '/sei'],
  ['spec.env', [{ name: 'DB_PASSWORD', value: 'abc' }], [{ name: 'DB_PASSWORD', value: '[redacted]' }]],
  ['params', { 'db.password': 'abc', moniker: 'rpc' }, { 'db.password': '[redacted]', moniker: 'rpc' }],
  ['spec.url', 'https://me:abc@rpc.example.com/x', 'https://[redacted]@rpc.example.com/x'],
  ['spec.url', 'https://t0ken@rpc.example.com/x', 'https://[redacted]@rpc.example.com/x'],
  ['spec.overrides.keyring.passphrase', 'abc', '[redacted]'],
  ['spec.overrides.s3.access_key', 'abc', '[redacted]'],
  [
    'params',
    { authorization: 'abc', cookie: 'def', seedPhrase: 'ghi' },
    { authorization: '[redacted]', cookie: '[redacted]', seedPhrase: '[redacted]' },
  ],
  [
    'spec.containers[name=seid].args',
    ['--rpc-token', 'abc', '--home=/sei'],
    ['--rpc-token', '[redacted]', '--home=/sei'],
  ],
  ['spec.containers[name=seid].env[name=AWS_WEB_IDENTITY_TOKEN_FILE].value', '/var/token', '/var/token'],
  ['spec.validator.signingKey', { secretName: 'keys' }, { secretName: 'keys' }],
  ['params.peers', ['tcp://<node id of rpc-1>@rpc-1:26656'], ['tcp://<node id of rpc-1>@rpc-1:26656']],
  ['spec.peers', 'ab@rpc.example.com:26656', 'ab@rpc.example.com:26656'],
]

for (const [path, value, shown] of CASES)
  test(`${path} is shown as it should be`, () => assert.deepEqual(redacted(value, path), shown))
