/** The API server accepts the manifests in the documentation without changes. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { prepareNamespace, removeNamespace } from './crd-harness.ts'
import { tryKubectl } from '../../testing/kubectl.ts'
import { ROOT } from '../../testing/root.ts'

/** Kinds of Karpenter, Flux and kustomize, which this API server does not serve. */
const NOT_SERVED = /^apiVersion: (karpenter\.sh|[a-z]+\.toolkit\.fluxcd\.io|kustomize\.config\.k8s\.io)\//m

/** Page and manifests of each block of YAML. */
const blocks = globSync(['*.md', 'docs/**/*.md'], { cwd: ROOT })
  .toSorted()
  .flatMap(page =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => ({
      page,
      text,
      name: /^ {2}name: (.*)$/m.exec(text)?.[1],
    })),
  )
  .filter(({ text }) => !NOT_SERVED.test(text))

let namespace: string
before(async () => {
  namespace = await prepareNamespace()
})
after(() => removeNamespace(namespace))

test('there are manifests in the documentation', () => {
  assert.ok(blocks.length >= 5, `found ${blocks.length}`)
})

for (const { page, name, text } of blocks) {
  test(`${page}: ${name} is accepted without a warning`, async () => {
    // Classes of these names are there already, for the other tests.
    const manifest = text.replaceAll(/(kind: StorageClass\nmetadata:\n {2})name: (.*)/g, '$1generateName: $2-')
    const { code, stderr } = await tryKubectl(['create', '--dry-run=server', '-n', namespace, '-f', '-'], {
      stdin: manifest,
    })
    assert.equal(stderr, '')
    assert.equal(code, 0)
  })
}
