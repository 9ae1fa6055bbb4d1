/** Which manifests a file has, and what is wrong with it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseManifests } from './manifests.ts'

const HEAD = 'apiVersion: sei.io/v1alpha1\nkind: SeiNode\nmetadata:\n  name: rpc-0\n'

test('several documents, lists, and other kinds, which are skipped', () => {
  const pool = '{apiVersion: sei.io/v1alpha1, kind: SeiNodePool, metadata: {name: net, namespace: own}}'
  const secret = '{apiVersion: v1, kind: Secret, metadata: {name: keys}}'
  const text = `---\n${HEAD}---\n# nothing\n---\n{apiVersion: v1, kind: List, items: [${pool}, ${secret}]}\n`
  const { manifests, skipped } = parseManifests(text, 'a.yaml', 'sei')
  assert.deepEqual(
    manifests.map(({ kind, manifest }) => [kind, manifest.metadata.namespace, manifest.metadata.name]),
    [
      ['SeiNode', 'sei', 'rpc-0'],
      ['SeiNodePool', 'own', 'net'],
    ],
  )
  assert.deepEqual(skipped, ['Secret keys: not a SeiNode or SeiNodePool'])
})

const WRONG: readonly (readonly [text: string, says: RegExp])[] = [
  ['- a', /^a\.yaml, document 1: expected a manifest, found \["a"\]$/],
  ['kind: SeiNode', /^a\.yaml, document 1: a manifest needs apiVersion and kind$/],
  [`${HEAD}---\na: [`, /^a\.yaml, document 2: /],
  [HEAD.replace('v1alpha1', 'v1'), /SeiNode needs apiVersion sei\.io\/v1alpha1, found sei\.io\/v1/],
  [HEAD.replace('name:', 'generateName:'), /SeiNode needs metadata\.name$/],
  [`${HEAD}---\n${HEAD}`, /^SeiNode sei\/rpc-0 is there twice$/],
]

for (const [text, message] of WRONG)
  test(`refused: ${message.source}`, () => assert.throws(() => parseManifests(text, 'a.yaml', 'sei'), { message }))
