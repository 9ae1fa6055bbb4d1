/** A bootstrap, its markers on the volume, and the tasks of a running node. */
import assert from 'node:assert/strict'

import { contract } from './contract.ts'

const DESTINATION = { bucket: 'bucket', region: 'eu-central-1', prefix: 'p' }

contract('at its start there are config/, data/ and a small config.toml', async ({ home }) => {
  assert.ok(home.isDirectory('config') && home.isDirectory('data'))
  assert.match(home.read('config/config.toml') ?? '', /persistent-peers = ["']["']/)
  assert.equal(home.read('config/app.toml'), undefined)
})

contract('a bootstrap from the genesis of a well-known chain needs no network and ends ready', async sidecar => {
  await sidecar.completes('configure-genesis')
  assert.match(sidecar.home.read('config/genesis.json') ?? '', /"chain_id":\s*"arctic-1"/)
  await sidecar.completes('config-apply', { mode: 'full', incremental: false, targetVersion: 0 })
  await sidecar.completes('config-validate')
  await sidecar.completes('mark-ready')
  assert.equal(await sidecar.client.health(), 'ready')
})

contract('a marker makes a task a silent success that touches nothing', async sidecar => {
  sidecar.home.write('.sei-sidecar-snapshot-done', '')
  const params = { bucket: 'b', prefix: 'p/', region: 'eu-central-1', chainId: 'arctic-1' }
  await sidecar.completes('snapshot-restore', params)
  await sidecar.completes('configure-genesis')
  sidecar.home.write('config/genesis.json', 'mine')
  await sidecar.completes('configure-genesis')
  assert.equal(sidecar.home.read('config/genesis.json'), 'mine')
})

contract('snapshot-upload without two snapshots completes, or runs for ever, across restarts too', async sidecar => {
  if (sidecar.profile.upload === 'once') {
    await sidecar.completes('snapshot-upload', DESTINATION)
    return
  }
  const id = await sidecar.submit('snapshot-upload', DESTINATION)
  await sidecar.completes('mark-ready')
  await sidecar.subject.restart()
  assert.equal((await sidecar.client.task(id))?.status, 'running')
})

contract(
  'snapshot-upload-once says that there was nothing to upload and why',
  async sidecar => {
    const { result } = await sidecar.completes('snapshot-upload-once')
    assert.equal(result?.['outcome'], 'noop')
    assert.notEqual(result['noopReason'] ?? '', '')
  },
  { when: profile => profile.uploadsOnce },
)

contract('result-export without a local RPC completes, and wants a bucket', async sidecar => {
  await sidecar.completes('result-export', DESTINATION)
  assert.equal(await sidecar.fails('result-export', {}), "result-export: missing required param 'bucket'")
})
