/** What `kubectl sei` says of the operator. Every command says it, so these tests run one after the other, in a namespace of their own. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { LEASE_NAME, SETTINGS_CONFIG_MAP } from '../../src/api/names.ts'
import { configMaps, leases } from '../../src/kube/resources.ts'
import { PluginFixture } from './plugin-fixture.ts'

let fixture: PluginFixture

before(async () => {
  fixture = await PluginFixture.open()
  await fixture.pools.base.create('rpc-0')
  await fixture.pools.base.untilRunning('rpc-0')
})
after(() => fixture[Symbol.asyncDispose]())

test('an operator that renews its Lease no more is reported', async () => {
  const renewTime = new Date(Date.now() - 600_000).toISOString().replace('Z', '000Z')
  const spec = { holderIdentity: 'manager-0_x', leaseDurationSeconds: 15, renewTime }
  const client = fixture.pools.client
  const created = await client.create(leases, { metadata: fixture.pools.base.key(LEASE_NAME), spec })
  assert.match(
    await fixture.output(['status', 'rpc-0']),
    /^The operator does not run: its Lease \S+ was last renewed 10m ago/,
  )
  const restart = await fixture.run(['restart', 'rpc-0', '--yes'])
  assert.equal(restart.code, 1)
  assert.match(restart.stderr, /^error: The operator does not run.* Start the operator first\n$/)
  await client.delete(leases, fixture.pools.base.key(LEASE_NAME), { uid: created.metadata?.uid ?? '' })
})

test('the version of the operator is the one that it publishes', async () => {
  const namespace = ['--operator-namespace', fixture.namespace]
  assert.match(
    await fixture.output(['version', ...namespace]),
    /\noperator: unknown: ConfigMap .* --operator-namespace\n$/,
  )
  const data = { version: '1.2.3', SEI_OPERATOR_IMAGE: 'registry.example/operator:v1.2.3' }
  await fixture.pools.client.create(configMaps, { metadata: fixture.pools.base.key(SETTINGS_CONFIG_MAP), data })
  assert.match(
    await fixture.output(['version', ...namespace]),
    /^plugin: {3}v\d.*\noperator: v1\.2\.3, image registry\.example\/operator:v1\.2\.3, in namespace \S+\n$/,
  )
  assert.doesNotMatch(await fixture.output(['version', '--client']), /operator/)
})
