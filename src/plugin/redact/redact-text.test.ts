/** Secrets in texts are replaced, and nothing else. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { isSecretName, redactText } from './redact-text.ts'

const WORDS = 'abandon ability able about above absent absorb abstract absurd abuse access accident'
const BASE64_64 = `${'Ab1+'.repeat(21)}Qw==`
const PEM_BODY = `${'MIIEvAIBADANBgkq'.repeat(4)}\n${'hkiG9w0BAQEFAASC'.repeat(4)}`
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJl-_x'
const ID = '87c7d8651a8d4e022998cccbab724c4345dcd2dd'

/** What a text becomes. */
const CASES: readonly (readonly [what: string, text: string, redacted: string])[] = [
  ['a mnemonic on a line of its own', `phrase:\n\n${WORDS} ${WORDS}\n\ndone`, 'phrase:\n\n[redacted]\n\ndone'],
  ['a mnemonic in a sentence', `recovered from "${WORDS}" now`, 'recovered from "[redacted]" now'],
  ['words after mnemonic', 'mnemonic: one two three', 'mnemonic: [redacted]'],
  ['a mnemonic in JSON', '{"mnemonic":"one two","name":"x"}', '{"mnemonic":[redacted],"name":"x"}'],
  [
    'priv_validator_key.json',
    `{"pub_key":{"value":"abc"},"priv_key":{"type":"tendermint/PrivKeyEd25519","value":"${BASE64_64}"}}`,
    '{"pub_key":{"value":"abc"},"priv_key":[redacted]}',
  ],
  [
    'priv_validator_key.json on several lines',
    `"priv_key": {\n  "type": "tendermint/PrivKeyEd25519",\n  "value": "short"\n}`,
    '"priv_key": [redacted]',
  ],
  [
    'JSON in JSON',
    String.raw`"{\"priv_key\":{\"type\":\"x\",\"value\":\"y\"}}"`,
    String.raw`"{\"priv_key\":[redacted]}"`,
  ],
  [
    'a key whose beginning was cut',
    `tendermint/PrivKeyEd25519",\n "value": "c2VjcmV0"`,
    'tendermint/PrivKeyEd25519",\n "value": [redacted]',
  ],
  ['64 bytes', `  "value": "${BASE64_64}"`, '  "value": "[redacted]"'],
  ['a key in hex', `private key: 0x${'ab'.repeat(32)}`, 'private key: [redacted]'],
  ['a key that Go prints', 'PrivKey:PrivKeyEd25519{1 2 3} done', 'PrivKey:[redacted] done'],
  ['a key as a list', 'privkey=[1 2 3], done', 'privkey=[redacted], done'],
  ['a PEM key', `a\n-----BEGIN EC PRIVATE KEY-----\n${PEM_BODY}\n-----END EC PRIVATE KEY-----\nb`, 'a\n[redacted]\nb'],
  [
    'a PEM key in JSON',
    String.raw`"-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n"`,
    String.raw`"[redacted]\n"`,
  ],
  ['the end of a PEM key', `${PEM_BODY}\n-----END RSA PRIVATE KEY-----\nb`, '[redacted]\nb'],
  ['the beginning of a PEM key', `a\n-----BEGIN PRIVATE KEY-----\n${PEM_BODY}`, 'a\n[redacted]'],
  ['a JWT', `token ${JWT}.`, 'token [redacted]'],
  ['a bearer header', 'Authorization: Bearer abc.def-123', 'Authorization: [redacted]'],
  [
    'a header that Go prints',
    'map[Authorization:[Bearer k8s-aws-v1.aHR0] Accept:[x]]',
    'map[Authorization:[redacted]] Accept:[x]]',
  ],
  ['a header in JSON', '{"authorization":"Basic dXNlcjpwdw=="}', '{"authorization":[redacted]"}'],
  ['bearer alone', 'sent bearer 0123456789abcdef', 'sent bearer [redacted]'],
  ['an id of an AWS key', 'with AKIAIOSFODNN7EXAMPLE failed', 'with [redacted] failed'],
  ['a secret key of AWS', 'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG', 'aws_secret_access_key = [redacted]'],
  [
    'credentials of AWS',
    '{"SecretAccessKey":"wJalr","Expiration":"soon"}',
    '{"SecretAccessKey":[redacted],"Expiration":"soon"}',
  ],
  ['a session token', 'SessionToken: "FwoG", x', 'SessionToken: [redacted], x'],
  ['a token of GitHub', 'ghp_0123456789abcdefghij01', '[redacted]'],
  ['a URL with a password', 'dial postgres://sei:p%40ss@db:5432/x', 'dial postgres://[redacted]@db:5432/x'],
  ['a URL with a token', 'https://t0ken@rpc.example/x', 'https://[redacted]@rpc.example/x'],
  [
    'a presigned URL',
    'GET https://b.s3.amazonaws.com/k?X-Amz-Credential=AK%2F1&X-Amz-Date=2026&X-Amz-Security-Token=Fw&X-Amz-Signature=ab: 403',
    'GET https://b.s3.amazonaws.com/k?X-Amz-Credential=[redacted]&X-Amz-Date=2026&X-Amz-Security-Token=[redacted]&X-Amz-Signature=[redacted] 403',
  ],
  [
    'a presigned URL in JSON of Go',
    String.raw`?a=1\u0026X-Amz-Signature=ab"`,
    String.raw`?a=1\u0026X-Amz-Signature=[redacted]"`,
  ],
  ['a key of an API in a URL', 'https://rpc.example/?api_key=abc&x=1', 'https://rpc.example/?api_key=[redacted]&x=1'],
  [
    'a flag',
    'seid start --keyring-passphrase hunter2 --home /sei',
    'seid start --keyring-passphrase [redacted] --home /sei',
  ],
  ['a flag with =', '--rpc-token=abc --home=/sei', '--rpc-token=[redacted] --home=/sei'],
  ['a variable', 'export DB_PASSWORD=abc;', 'export DB_PASSWORD=[redacted];'],
  [
    'the password of a database',
    'env DB_PASS=abc DB_PWD=def PGPASS=ghi',
    'env DB_PASS=[redacted] DB_PWD=[redacted] PGPASS=[redacted]',
  ],
  ['a short name in JSON', '{"user":"sei","pass":"abc"}', '{"user":"sei","pass":[redacted]}'],
  ['a flag with a short name', '--db-pass abc --signing-key=def', '--db-pass [redacted] --signing-key=[redacted]'],
  [
    'keys of programs',
    'SIGNING_KEY=a HMAC_KEY=b, encryptionKey: c',
    'SIGNING_KEY=[redacted] HMAC_KEY=[redacted], encryptionKey: [redacted]',
  ],
  ['a signing key as an object', '{"signing_key":{"type":"x","value":"y"}}', '{"signing_key":[redacted]}'],
  ['a hash of a password', 'password=$1$abc$def', 'password=[redacted]'],
  ['a colour between name and value', '\u001B[36mpassword=\u001B[0mhunter2 x', 'password=[redacted] x'],
]

/** What stays as it is. */
const HARMLESS: readonly string[] = [
  `dialing tcp://${ID}@10.0.0.1:26656`,
  `persistent_peers = "${ID}@10.0.0.1:26656"`,
  `committed state app_hash=${'AB'.repeat(32)} height=42`,
  'secretName: devnet-0-key',
  'secret:\n  secretName: devnet-0-key',
  'signingKey:\n  secretName: devnet-0-key',
  '{"validator":{"signingKey":{"secretName":"devnet-0-key"}}}',
  String.raw`"{\"signingKey\":{\"secretName\":\"devnet-0-key\"}}"`,
  'spec.validator.signingKey: Invalid value',
  'SIGNING_KEY_DIR=/keys/signing',
  'PWD=/sei',
  'signing_secret=$4\nnode_secret=$5',
  '12 tests pass: 3 fail',
  'automountServiceAccountToken: true',
  'Secret sei/devnet-0-key does not exist: create it',
  'the token was refused',
  'tokens: 1000usei',
  '"pub_key":{"type":"tendermint/PubKeyEd25519","value":"abc="}',
  'AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/secrets/token',
  'image: ghcr.io/sei-protocol/seid@sha256:abc',
  'task snapshot-restore failed: snapshot-restore: reading latest.txt: NoSuchKey. Correct the cause, then set the annotation',
  'arn:aws:iam::123456789012:role/sei-node',
]

suite('redactText', () => {
  for (const [what, text, redacted] of CASES)
    test(what, () => {
      assert.equal(redactText(text), redacted)
      assert.equal(redactText(redacted), redacted, 'twice')
    })

  for (const text of HARMLESS) test(`keeps ${text}`, () => assert.equal(redactText(text), text))
})

test('names of secret values, and names that only say where one is', () => {
  for (const name of [
    'DB_PASSWORD',
    'MNEMONIC_1',
    'apiKey',
    'AWS_SECRET_ACCESS_KEY',
    'GITHUB_TOKEN',
    'auth',
    '--token',
    'DB_PASS',
    'PGPASS',
    'PWD',
    'db-pwd',
    'db.pwd',
    'SIGNING_KEY',
    'ENCRYPTION_KEY',
    'HMAC_KEY',
    'masterKey',
  ])
    assert.ok(isSecretName(name), name)
  for (const name of [
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'secretName',
    'SEI_CHAIN_ID',
    'author',
    'secretKeyRef',
    'tokenExpirationSeconds',
    'SIGNING_KEY_DIR',
    'PGPASSFILE',
    'passthrough',
  ])
    assert.ok(!isSecretName(name), name)
})
