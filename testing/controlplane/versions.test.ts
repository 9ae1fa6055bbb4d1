/** What go.mod says about the releases in use. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { pinnedVersions } from './versions.ts'

test('both releases are read from require lines, alone or in a block', () => {
  const goMod =
    'module x\n\ntool go.etcd.io/etcd/server/v3\n\nrequire k8s.io/kubernetes v1.36.3\n\nrequire (\n\tgo.etcd.io/etcd/server/v3 v3.6.16 // indirect\n)\n'
  assert.deepEqual(pinnedVersions(goMod), { kubernetes: 'v1.36.3', etcd: 'v3.6.16' })
})

test('a go.mod without one of them is refused by its name', () => {
  assert.throws(() => pinnedVersions('require k8s.io/kubernetes v1.36.3\n'), /go\.etcd\.io\/etcd\/server\/v3/)
})

test("the repository's own go.mod pins both", () => {
  const versions = pinnedVersions(readFileSync(new URL('../../hack/controlplane/go.mod', import.meta.url), 'utf8'))
  assert.match(versions.kubernetes, /^v1\.\d+\.\d+$/)
  assert.match(versions.etcd, /^v3\.\d+\.\d+$/)
})
