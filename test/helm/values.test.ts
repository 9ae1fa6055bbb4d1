/** Helm refuses values that the chart does not have or that the operator would not take, and says where they are. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tryRender, type Values } from './chart.ts'

const REFUSED: readonly (readonly [what: string, values: Values, message: RegExp])[] = [
  ['an unknown value', { replicaCount: 2 }, /additional properties 'replicaCount' not allowed/],
  ['an unknown flag', { flags: { 'max-restart': 2 } }, /at '\/flags': additional properties 'max-restart' not allowed/],
  ['a flag that the chart sets', { flags: { namespaces: 'a' } }, /at '\/flags': additional properties 'namespaces'/],
  [
    'a number beyond its range',
    { flags: { concurrency: 513 } },
    /at '\/flags\/concurrency': maximum: got 513, want 512/,
  ],
  ['a number in quotes', { flags: { concurrency: '32' } }, /at '\/flags\/concurrency': got string, want integer/],
  ['an interval between 0 and its minimum', { flags: { 'volume-interval': 5 } }, /minimum: got 5, want 10/],
  [
    'a level that there is not',
    { flags: { 'log-level': 'loud' } },
    /at '\/flags\/log-level': value must be one of .*'info'/,
  ],
  ['a flag that is true or false', { flags: { 'kubelet-insecure-tls': 'yes' } }, /got string, want boolean/],
  ['an unknown variable', { env: { SEI_SIDECAR: 'a' } }, /at '\/env': additional properties 'SEI_SIDECAR' not allowed/],
  ['a variable that the chart sets', { env: { POD_NAMESPACE: 'a' } }, /additional properties 'POD_NAMESPACE'/],
  [
    'a size without its unit',
    { env: { SEI_STORAGE_SIZE_DEFAULT: '1000' } },
    /at '\/env\/SEI_STORAGE_SIZE_DEFAULT': '1000' does not match pattern/,
  ],
  ['a CPU with the unit of memory', { env: { SEI_RESOURCE_CPU_DEFAULT: '4Gi' } }, /'4Gi' does not match pattern/],
  ['an image with a space', { env: { SEI_SIDECAR_IMAGE: 'a b' } }, /at '\/env\/SEI_SIDECAR_IMAGE': 'a b' does not/],
  ['a name of a namespace', { namespaces: ['Team A'] }, /at '\/namespaces\/0': 'Team A' does not match pattern/],
  ['one namespace that is no list', { namespaces: 'team-a' }, /at '\/namespaces': got string, want array/],
  ['a switch that is no boolean', { 'crds.enabled': 'no' }, /at '\/crds\/enabled': got string, want boolean/],
  ['a digest of another kind', { 'image.digest': 'md5:1' }, /at '\/image\/digest': 'md5:1' does not match pattern/],
  [
    'a certificate for metrics that are served by plain HTTP',
    { namespaces: ['team-a'], 'metrics.certificateSecret': 'metrics-certificate' },
    /metrics\.certificateSecret has to be empty with namespaces/,
  ],
  ['fewer than no replicas', { replicas: -1 }, /at '\/replicas': minimum: got -1, want 0/],
]

for (const [what, values, message] of REFUSED) {
  test(`Helm refuses ${what}`, async () => {
    const { code, stderr } = await tryRender(values)
    assert.notEqual(code, 0)
    assert.match(stderr, message)
  })
}

test('Helm accepts what it adds itself where the chart is a dependency of another', async () => {
  const { code, stderr } = await tryRender({ enabled: true, global: { region: 'us-east-2' } })
  assert.equal(stderr, '')
  assert.equal(code, 0)
})
