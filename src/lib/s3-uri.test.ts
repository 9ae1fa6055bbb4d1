/** S3 addresses are taken apart as the sidecar will join them again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { directoryPrefix, parseS3URI } from './s3-uri.ts'

const addresses: readonly (readonly [uri: string, bucket: string, key: string, prefix: string])[] = [
  ['s3://snapshots', 'snapshots', '', ''],
  ['s3://snapshots/', 'snapshots', '', ''],
  ['s3://sei-snapshots/pacific-1', 'sei-snapshots', 'pacific-1', 'pacific-1/'],
  ['s3://sei-snapshots/pacific-1/', 'sei-snapshots', 'pacific-1/', 'pacific-1/'],
  ['s3://b/a/state-sync//', 'b', 'a/state-sync//', 'a/state-sync/'],
  ['s3://b//a', 'b', 'a', 'a/'],
  ['s3://sei-genesis/pacific-1/genesis.json', 'sei-genesis', 'pacific-1/genesis.json', 'pacific-1/genesis.json/'],
]

for (const [uri, bucket, key, prefix] of addresses) {
  test(`${uri} names key "${key}" and prefix "${prefix}"`, () => {
    const parsed = parseS3URI(uri)
    assert.deepEqual(parsed, { bucket, key })
    assert.equal(directoryPrefix(parsed.key), prefix)
  })
}

for (const uri of ['', 's3://', 's3:///key', 'https://bucket/key', 'bucket/key', 'S3://bucket']) {
  test(`${JSON.stringify(uri)} is refused by name`, () => {
    assert.throws(() => parseS3URI(uri), { name: 'TypeError', message: new RegExp(`found ${JSON.stringify(uri)}$`) })
  })
}

test('a prefix is empty or ends in exactly one "/", and normalising it again changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '/', '-') }), key => {
      const prefix = directoryPrefix(key)
      assert.match(prefix, /^$|[^/]\/$/)
      assert.equal(directoryPrefix(prefix), prefix)
    }),
  )
})
