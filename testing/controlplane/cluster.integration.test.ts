/** What tests, demo and benchmark rely on: identities, audit log, the built-in controllers, outages of the API server. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'

import { until } from '../../test/support/until.ts'
import { kubectl as runKubectl } from '../kubectl.ts'
import { resolveBinaries } from './binaries.ts'
import { type ControlPlane, startControlPlane } from './cluster.ts'
import type { User } from './credentials.ts'
import { environmentOf } from './environment.ts'

let controlPlane: ControlPlane
const failures: Error[] = []

before(async () => {
  const binaries = await resolveBinaries(process.env)
  controlPlane = await startControlPlane({ binaries, onFailure: error => failures.push(error) })
})
after(() => controlPlane.stop())

async function kubectl(user: User, ...args: string[]): Promise<string> {
  const env = { ...environmentOf(controlPlane), KUBECONFIG: controlPlane.kubeconfigFor(user) }
  return (await runKubectl(args, { env })).trim()
}

const nameOf = (user: User): Promise<string> =>
  kubectl(user, 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}')

test('each user is who its kubeconfig says', async () => {
  assert.equal(await nameOf('admin'), 'admin')
  assert.equal(await nameOf('operator'), 'system:serviceaccount:sei-k8s-controller-system:sei-k8s-controller-manager')
  assert.equal(await nameOf('fake'), 'fake')
  assert.equal(await nameOf('bench'), 'bench')
})

test('the audit log has the requests of the operator and of nobody else', async () => {
  await kubectl('admin', 'create', 'configmap', 'by-admin')
  await kubectl('operator', 'delete', 'pod', 'by-operator', '--ignore-not-found')
  const lines = readFileSync(controlPlane.auditLogPath, 'utf8').trim().split('\n')
  assert.ok(lines.some(line => line.includes('"name":"by-operator"') && line.includes('"verb":"delete"')))
  assert.ok(
    lines.every(line =>
      /"username":"(system:serviceaccount:sei-k8s-controller-system:sei-k8s-controller-manager|bench)"/.test(line),
    ),
  )
})

test('what is owned by a deleted object is garbage-collected', async () => {
  await kubectl('admin', 'create', 'configmap', 'owner')
  const uid = await kubectl('admin', 'get', 'configmap', 'owner', '-o', 'jsonpath={.metadata.uid}')
  await kubectl('admin', 'create', 'configmap', 'owned')
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }]
  await kubectl('admin', 'patch', 'configmap', 'owned', '-p', JSON.stringify({ metadata: { ownerReferences } }))
  await kubectl('admin', 'delete', 'configmap', 'owner')
  const remaining = (): Promise<string> => kubectl('admin', 'get', 'configmap', 'owned', '--ignore-not-found')
  await until('the owned object is gone', async () => (await remaining()) === '' || undefined)
})

test('the operator may do what its role in config/ says and nothing else; without the role it is refused', async () => {
  const can = (...what: string[]): Promise<string> => kubectl('operator', 'auth', 'can-i', ...what).catch(() => 'no')
  const allowed = (): Promise<string> => can('delete', 'pods')
  assert.equal(await allowed(), 'yes')
  assert.equal(await can('list', 'secrets'), 'no')
  assert.equal(await can('create', 'pods', '--subresource=exec'), 'no')
  await kubectl('admin', 'delete', 'clusterrolebinding', 'local-operator')
  await until('the right is gone', async () => (await allowed()) === 'no' || undefined)
})

test('the API server comes back from an outage with its data, under the same address and certificate', async () => {
  await kubectl('admin', 'create', 'configmap', 'before-outage')
  await controlPlane.stopApiServer()
  await assert.rejects(kubectl('admin', 'get', 'configmap', 'before-outage'), /refused/)
  await controlPlane.startApiServer()
  assert.match(await kubectl('admin', 'get', 'configmap', 'before-outage', '-o', 'name'), /before-outage/)
  assert.deepEqual(failures, [], 'an outage that was asked for is no failure')
})

test('stopping leaves nothing', async () => {
  await controlPlane.stop()
  assert.equal(existsSync(controlPlane.dir), false)
})
