/** The operator's lookup of peers through the real AWS SDK, against the EC2 fake and nodes that answer or do not. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { createInstanceLister } from '../../src/peers/instances.ts'
import { fetchNodeID } from '../../src/peers/node-id.ts'
import { createPeerResolver, type PeerResolution, type PeerResolver } from '../../src/peers/resolve-peers.ts'
import { ChainNodes } from '../../testing/fakes/chain-nodes.ts'
import { type Ec2Fault, FAILURES, FakeEc2, type Instance } from '../../testing/fakes/ec2.ts'

const region = 'us-east-2'
const tags = { Network: 'pacific-1', 'a key': 'a <value> & more' }
const { signal } = new AbortController()

/** As an operator that has just been started with `env`, and nothing of AWS besides. */
function resolverIn(env: Readonly<Record<string, string>>): PeerResolver & Disposable {
  const before = { ...process.env }
  const home = mkdtempSync(join(tmpdir(), 'sei-aws-'))
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, { HOME: home, AWS_MAX_ATTEMPTS: '1' }, env)
  const resolver = createPeerResolver({ listInstances: createInstanceLister(), fetchNodeID, now: () => Date.now() })
  return {
    resolve: (sources, abort) => resolver.resolve(sources, abort),
    [Symbol.dispose]() {
      for (const name of Object.keys(process.env)) delete process.env[name]
      Object.assign(process.env, before)
      rmSync(home, { recursive: true })
    },
  }
}

function lookUp(resolver: PeerResolver): Promise<PeerResolution> {
  return resolver.resolve([{ ec2Tags: { region, tags } }], signal)
}

function instance(id: string, more: Partial<Instance>): Instance {
  return { id, region, tags, ...more }
}

async function failing(fault: Ec2Fault): Promise<PeerResolution> {
  await using ec2 = await FakeEc2.start({ faults: () => fault })
  using resolver = resolverIn(ec2.env)
  // Not before the answer is there may the environment be put back.
  return await lookUp(resolver)
}

suite('peers by EC2 tags', () => {
  test('are the running instances with all the tags, over all pages, at the public address where there is one', async () => {
    await using nodes = await ChainNodes.open()
    await using ec2 = await FakeEc2.start({ pageLimit: 2 })
    const started = await Promise.all(Array.from({ length: 7 }, (_, i) => nodes.start(i === 4 ? 'envelope' : 'flat')))
    const found = started.slice(0, 5)
    const [stopped, elsewhere] = started.slice(5)
    ec2.instances.push(
      ...found.map(({ address }, i) =>
        instance(`i-${i}`, i === 0 ? { publicIp: address, privateIp: '127.0.0.2' } : { privateIp: address }),
      ),
      instance('i-stopped', { state: 'stopped', privateIp: stopped?.address ?? '' }),
      instance('i-elsewhere', { region: 'eu-west-1', privateIp: elsewhere?.address ?? '' }),
      instance('i-untagged', { tags: { Network: 'pacific-1' }, privateIp: elsewhere?.address ?? '' }),
      instance('i-without-address', {}),
    )
    using resolver = resolverIn(ec2.env)
    assert.deepEqual(await lookUp(resolver), {
      kind: 'resolved',
      addresses: found.map(({ id, address }) => `${id}@${address}:26656`),
    })
    assert.equal(ec2.calls.length, 3)
    assert.deepEqual(ec2.calls[0]?.filters, [
      { name: 'instance-state-name', values: ['running'] },
      { name: 'tag:Network', values: ['pacific-1'] },
      { name: 'tag:a key', values: ['a <value> & more'] },
    ])
  })

  test('are those that answer: refused connections and other servers are left out', async () => {
    await using nodes = await ChainNodes.open()
    await using ec2 = await FakeEc2.start()
    for (const behaviour of ['down', 'garbage', 'flat'] as const) {
      const { address } = await nodes.start(behaviour)
      ec2.instances.push(instance(`i-${behaviour}`, { privateIp: address }))
    }
    using resolver = resolverIn(ec2.env)
    const resolution = await lookUp(resolver)
    assert.equal(resolution.kind, 'resolved')
    assert.equal('addresses' in resolution && resolution.addresses.length, 1)
  })

  test('that do not answer within five seconds are left out; where that is all, the text says so', async () => {
    await using nodes = await ChainNodes.open()
    const { address } = await nodes.start('hangs')
    await using ec2 = await FakeEc2.start({ instances: [instance('i-1', { privateIp: address })] })
    using resolver = resolverIn(ec2.env)
    const resolution = await lookUp(resolver)
    assert.ok(resolution.kind === 'failed', resolution.kind)
    assert.match(
      resolution.error,
      /the one running EC2 instance .* does not tell .* \(127[.\d]+: no answer within 5 s\)/,
    )
  })

  test('that nobody has: the text says so', async () => {
    await using ec2 = await FakeEc2.start()
    using resolver = resolverIn(ec2.env)
    const resolution = await lookUp(resolver)
    assert.ok(resolution.kind === 'failed', resolution.kind)
    assert.match(
      resolution.error,
      /^there is no running EC2 instance in region us-east-2 with tags Network=pacific-1, a key=/,
    )
  })
})

suite('EC2 cannot be asked', () => {
  test('without credentials', async () => {
    await using ec2 = await FakeEc2.start()
    using resolver = resolverIn({ AWS_ENDPOINT_URL_EC2: ec2.endpoint, AWS_EC2_METADATA_DISABLED: 'true' })
    const resolution = await lookUp(resolver)
    assert.ok(resolution.kind === 'failed', resolution.kind)
    assert.match(resolution.error, /the operator has no AWS credentials \(CredentialsProviderError: Could not load/)
    assert.equal(ec2.calls.length, 0)
  })

  test('with credentials that are not those of the account', async () => {
    await using ec2 = await FakeEc2.start()
    using resolver = resolverIn({ ...ec2.env, AWS_ACCESS_KEY_ID: 'AKIAGUESSED' })
    const resolution = await lookUp(resolver)
    assert.ok(resolution.kind === 'failed', resolution.kind)
    assert.match(resolution.error, /does not accept the operator's credentials \(AuthFailure: AWS was not able to/)
    assert.equal(ec2.calls.length, 0)
  })

  test('without the permission', async () => {
    const resolution = await failing(FAILURES.unauthorized)
    assert.ok(resolution.kind === 'failed', resolution.kind)
    assert.match(resolution.error, /AWS does not allow it \(UnauthorizedOperation: You are not authorized/)
  })

  test('in a region that the account does not use, or with a token that is not valid', async () => {
    for (const fault of [FAILURES.notSubscribed, FAILURES.unrecognized]) {
      const resolution = await failing(fault)
      assert.ok(resolution.kind === 'failed', resolution.kind)
      assert.match(resolution.error, new RegExp(fault.code))
    }
  })

  test('just now: too many requests, its own trouble, no answer; all of it is waited for', async () => {
    for (const [fault, text] of [
      [FAILURES.throttled, /limits the rate of requests \(RequestLimitExceeded: Request limit exceeded\)/],
      [FAILURES.internal, /problem of its own \(InternalError: /],
      [FAILURES.unavailable, /problem of its own \(Unavailable: /],
      ['drop', /does not answer \(.*(socket hang up|ECONNRESET)/],
    ] as const) {
      const resolution = await failing(fault)
      assert.ok(resolution.kind === 'wait', JSON.stringify(resolution))
      assert.match(resolution.message, text)
    }
  })

  test('where nothing listens', async () => {
    const ec2 = await FakeEc2.start()
    const { env } = ec2
    await ec2[Symbol.asyncDispose]()
    using resolver = resolverIn(env)
    const resolution = await lookUp(resolver)
    assert.ok(resolution.kind === 'wait', JSON.stringify(resolution))
    assert.match(resolution.message, /does not answer \(.*ECONNREFUSED/)
  })

  test('once, and a moment later it can: the SDK retries by itself', async () => {
    await using nodes = await ChainNodes.open()
    const { address, id } = await nodes.start()
    let faults = 1
    await using ec2 = await FakeEc2.start({
      instances: [instance('i-1', { privateIp: address })],
      faults: () => (faults-- > 0 ? FAILURES.throttled : undefined),
    })
    using resolver = resolverIn({ ...ec2.env, AWS_MAX_ATTEMPTS: '3' })
    assert.deepEqual(await lookUp(resolver), { kind: 'resolved', addresses: [`${id}@${address}:26656`] })
    assert.equal(ec2.calls.length, 2)
  })

  test('and the operator is stopped: it does not wait', async () => {
    const stop = new AbortController()
    await using ec2 = await FakeEc2.start({
      faults: () => {
        stop.abort(new Error('stopped'))
        return 'drop'
      },
    })
    using resolver = resolverIn(ec2.env)
    await assert.rejects(resolver.resolve([{ ec2Tags: { region, tags } }], stop.signal), /stopped/)
  })
})
