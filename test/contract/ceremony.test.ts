/** The genesis ceremony through S3, from the release that knows all of its tasks. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'

import {
  createFakeSidecar,
  MemoryHome,
  MemoryObjects,
  PROFILES,
  profileOf,
  seidInit,
} from '../../testing/fakes/sidecar/index.ts'
import { createSidecarDialer } from '../../src/sidecar/http-client.ts'
import { VARIABLES } from './subject.ts'

const PLACE = { s3Bucket: 'genesis-bucket', s3Region: 'eu-central-1', s3Prefix: 'arctic-1' }

for (const tag of PROFILES.filter(name => profileOf(name).release >= 23)) {
  test(`${tag}: two nodes make one genesis and find each other`, async t => {
    const objects = new MemoryObjects()
    const dial = createSidecarDialer()
    t.after(() => dial.close())
    const nodes = await Promise.all(
      ['node-0', 'node-1'].map(async name => {
        const home = new MemoryHome()
        seidInit(home, { chainId: 'arctic-1', moniker: name })
        const sidecar = createFakeSidecar({ profile: tag, home, env: VARIABLES, world: { objects } })
        t.after(() => sidecar.close())
        const client = dial(await sidecar.listen('127.0.0.1', 0))
        const run = async (type: string, params?: Readonly<Record<string, unknown>>): Promise<void> => {
          const id = await client.submit({ id: randomUUID(), type, ...(params && { params }) })
          assert.deepEqual({ type, error: (await client.task(id))?.error }, { type, error: undefined })
        }
        return { name, home, run }
      }),
    )
    for (const { name, run } of nodes) {
      await run('generate-identity', { chainId: 'arctic-1', moniker: name })
      await run('generate-gentx', { chainId: 'arctic-1', stakingAmount: '10usei', accountBalance: '100usei' })
      await run('upload-genesis-artifacts', { ...PLACE, nodeName: name })
    }
    const [first, second] = nodes
    assert.ok(first !== undefined && second !== undefined)
    const names = nodes.map(({ name }) => ({ name }))
    const assemble = { ...PLACE, accountBalance: '100usei', namespace: 'devnet', nodes: names }
    await first.run('assemble-and-upload-genesis', assemble)
    await first.run('set-genesis-peers', { ...PLACE, s3Key: 'arctic-1/peers.json' })
    const toml = first.home.read('config/config.toml') ?? ''
    assert.match(toml, /persistent-peers = ["'][0-9a-f]{40}@node-1-0\.node-1\.devnet\.svc\.cluster\.local:26656["']/)
    const genesis = await objects.get({ bucket: 'genesis-bucket', key: 'arctic-1/genesis.json', region: '' })
    assert.equal(genesis?.match(/stakingAmount/g)?.length, 2)
  })
}
