/** seid, its sidecar and seid-init find the volume, are probed as they can bear it, and get what the spec says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container } from 'kubernetes-types/core/v1.d.ts'
import type { SeiNode } from '../api/seinode.ts'
import { buildPodTemplate } from './pod.ts'
import { sample, seiNode } from './testdata/nodes.ts'
import { platform } from './testdata/platform.ts'

function container(node: SeiNode, name: string): Container {
  const pod = buildPodTemplate(node, platform).spec
  const found = [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])].find(other => other.name === name)
  assert.ok(found)
  return found
}

function environment({ env = [] }: Container): Record<string, string | undefined> {
  return Object.fromEntries(env.map(({ name, value }) => [name, value]))
}

test('R7: the sidecar runs seictl serve', () => {
  assert.deepEqual(container(seiNode('n'), 'sei-sidecar').command, ['seictl', 'serve'])
})

test('the sidecar delays seid for as long as a bootstrap takes, by a startup probe every second', () => {
  assert.deepEqual(container(seiNode('n'), 'sei-sidecar').startupProbe, {
    httpGet: { path: '/v0/healthz', port: 7777, scheme: 'HTTP' },
    periodSeconds: 1,
    timeoutSeconds: 3,
    successThreshold: 1,
    failureThreshold: 2_147_483_647,
  })
})

test('the sidecar is alive while its status answers, ready or not', () => {
  assert.equal(container(seiNode('n'), 'sei-sidecar').livenessProbe?.httpGet?.path, '/v0/status')
})

test('R7: another port of the sidecar reaches its environment, its probes and its port', () => {
  const sidecar = container(seiNode('n', { sidecar: { port: 7000 } }), 'sei-sidecar')
  assert.equal(environment(sidecar)['SEI_SIDECAR_PORT'], '7000')
  assert.equal(sidecar.startupProbe?.httpGet?.port, 7000)
  assert.equal(sidecar.livenessProbe?.httpGet?.port, 7000)
  assert.deepEqual(sidecar.ports, [{ name: 'sidecar', containerPort: 7000, protocol: 'TCP' }])
})

test('the sidecar gets every variable that some version of it demands', () => {
  assert.deepEqual(environment(container(sample('seinode-mainnet-0.yaml'), 'sei-sidecar')), {
    SEI_HOME: '/sei',
    SEI_SIDECAR_PORT: '7777',
    SEI_CHAIN_ID: 'pacific-1',
    SEI_GENESIS_BUCKET: 'sei-genesis',
    SEI_GENESIS_REGION: 'us-east-2',
    SEI_SNAPSHOT_BUCKET: 'sei-snapshots',
    SEI_SNAPSHOT_REGION: 'us-east-2',
    SEI_SNAPSHOT_UPLOAD_INTERVAL: '24h0m0s',
    TMPDIR: '/sei/tmp',
  })
})

test('seid is ready while it lags little, and nothing kills it while it syncs', () => {
  const seid = container(seiNode('n'), 'seid')
  assert.deepEqual(seid.readinessProbe?.httpGet, { path: '/lag_status', port: 26657, scheme: 'HTTP' })
  assert.equal(seid.livenessProbe, undefined)
  assert.equal(seid.startupProbe, undefined)
})

for (const name of ['seid', 'seid-init']) {
  test(`${name} finds the volume at /sei and at $HOME/.sei, and scratch space on it`, () => {
    const found = container(seiNode('n'), name)
    const { HOME, TMPDIR } = environment(found)
    assert.deepEqual(found.volumeMounts, [
      { name: 'data', mountPath: '/sei' },
      { name: 'data', mountPath: `${HOME}/.sei` },
    ])
    assert.equal(TMPDIR, '/sei/tmp')
  })
}

for (const { spec, claimName } of [
  { spec: {}, claimName: 'data-n' },
  { spec: { genesis: { pvc: { dataPVC: 'prepared' } } }, claimName: 'prepared' },
]) {
  test(`the volume of ${JSON.stringify(spec)} is the claim ${claimName}`, () => {
    const { spec: pod } = buildPodTemplate(seiNode('n', spec), platform)
    assert.deepEqual(pod?.volumes, [{ name: 'data', persistentVolumeClaim: { claimName } }])
  })
}

test("seid runs the spec's entrypoint unchanged", () => {
  const seid = container(sample('seinode-shadow-replayer.yaml'), 'seid')
  assert.deepEqual(seid.command, ['seid'])
  assert.deepEqual(seid.args, ['start', '--home', '/sei', '--skip-app-hash-validation'])
})

test('seid-init initialises an empty volume', () => {
  assert.deepEqual(container(seiNode('n'), 'seid-init').args, ['pacific-1', 'n', 'init'])
})

test('seid-init refuses an empty volume where a prepared one was promised', () => {
  const node = seiNode('n', { genesis: { pvc: { dataPVC: 'prepared' } } })
  assert.deepEqual(container(node, 'seid-init').args, ['pacific-1', 'n', 'fail'])
})

test('seid-init asks for no more than seid, so that it does not make the pod larger', () => {
  const node = seiNode('n', { resources: { requests: { cpu: '3' } } })
  assert.deepEqual(container(node, 'seid-init').resources, container(node, 'seid').resources)
})
