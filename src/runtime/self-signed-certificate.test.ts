/** Tests of the certificate that a server makes for itself, by OpenSSL's own reading of it. */
import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { selfSignedCertificate } from './self-signed-certificate.ts'

test('it is a certificate of its name, signed by its own key, for servers alone, for ten years', () => {
  const { cert, key } = selfSignedCertificate('operator', new Date('2026-03-01T00:00:00Z'))
  const read = new X509Certificate(cert)
  assert.equal(read.subject, 'CN=operator')
  assert.equal(read.checkHost('operator'), 'operator')
  assert.equal(read.checkHost('other'), undefined)
  assert.ok(read.verify(read.publicKey))
  assert.ok(read.checkPrivateKey(createPrivateKey(key)))
  assert.equal(read.ca, false)
  assert.deepEqual(read.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  assert.equal(read.validFrom, 'Feb 28 23:00:00 2026 GMT')
  assert.equal(read.validTo, 'Mar  1 00:00:00 2036 GMT')
})

test('one with another extended key usage has that alone', () => {
  const { cert } = selfSignedCertificate('user', new Date(), '1.3.6.1.5.5.7.3.2')
  const read = new X509Certificate(cert)
  assert.equal(read.subject, 'CN=user')
  assert.deepEqual(read.keyUsage, ['1.3.6.1.5.5.7.3.2'])
})

test('no two are the same', () => {
  const [one, other] = [1, 2].map(() => new X509Certificate(selfSignedCertificate('operator', new Date()).cert))
  assert.notEqual(one?.serialNumber, other?.serialNumber)
  assert.notDeepEqual(one?.publicKey.export({ type: 'spki', format: 'der' }), other?.publicKey)
})
