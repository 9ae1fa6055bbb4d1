/** Peers by EC2 tags for a sidecar without discover-peers: the operator discovers them. On the real control plane. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { parse } from 'yaml'
import { ChainNodes } from '../../testing/fakes/chain-nodes.ts'
import { type Ec2Fault, FAILURES, FakeEc2 } from '../../testing/fakes/ec2.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import type { Fault, SeenRequest } from '../../testing/fakes/sidecar/index.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { conditionOf, OperatorFixture } from '../support/operator-fixture.ts'
import { postedTasks } from '../support/posted-tasks.ts'
import { until } from '../support/until.ts'

const NAME = 'mainnet-0'
const SAMPLE = join(import.meta.dirname, '../../samples/seinode-mainnet-0.yaml')
const region = 'us-east-2'
const tags = { Network: 'pacific-1' }
/** A machine that runs many tests at once starts a process slowly. */
const DEADLINE_MS = 60_000

/** The operator gets none of the machine's own AWS settings, and the SDK does not retry. */
const NO_AWS = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/does/not/exist',
  AWS_SHARED_CREDENTIALS_FILE: '/does/not/exist',
  AWS_MAX_ATTEMPTS: '1',
}

/** An operator beside an EC2, with the sample whose peers are there, and whose sidecar is the newest. */
class PeersFixture implements AsyncDisposable {
  readonly base: OperatorFixture
  readonly ec2: FakeEc2
  readonly chain: ChainNodes
  readonly #faults: Faults

  private constructor(fixture: OperatorFixture, ec2: FakeEc2, chain: ChainNodes, faults: Faults) {
    this.base = fixture
    this.ec2 = ec2
    this.chain = chain
    this.#faults = faults
  }

  /** @param isKnown whether the operator has credentials */
  static async open({ isKnown = true }: { readonly isKnown?: boolean } = {}): Promise<PeersFixture> {
    const faults: Faults = {}
    const chain = await ChainNodes.open()
    const ec2 = await FakeEc2.start({ pageLimit: 2, faults: () => faults.ec2 })
    const env = isKnown ? { ...NO_AWS, ...ec2.env } : { ...NO_AWS, AWS_ENDPOINT_URL_EC2: ec2.endpoint }
    const fixture = await OperatorFixture.open({
      node: { defaultProfile: 'latest', sidecarFor: () => ({ faults: request => faults.sidecar?.(request) }) },
      operator: { env },
    })
    return new PeersFixture(fixture, ec2, chain, faults)
  }

  set ec2Fault(fault: Ec2Fault | undefined) {
    this.#faults.ec2 = fault
  }

  set sidecarFaults(faults: (request: SeenRequest) => Fault | undefined) {
    this.#faults.sidecar = faults
  }

  /** Instances with nodes that answer, in EC2's order. @returns the peers that they are */
  async startPeers(count: number, more: Readonly<Record<string, string>> = tags): Promise<readonly string[]> {
    const nodes = await Promise.all(Array.from({ length: count }, () => this.chain.start()))
    for (const { address } of nodes) {
      const id = `i-${this.ec2.instances.length}`
      this.ec2.instances.push({ id, region, tags: more, privateIp: address })
    }
    return nodes.map(({ id, address }) => `${id}@${address}:26656`)
  }

  async createSample(): Promise<void> {
    const { spec }: SeiNode = parse(await readFile(SAMPLE, 'utf8'))
    await this.base.create(NAME, spec)
  }

  untilNode(what: string, isMet: (node: SeiNode) => boolean): Promise<SeiNode> {
    return this.base.untilNode(NAME, what, isMet, DEADLINE_MS)
  }

  untilRunning(): Promise<SeiNode> {
    return this.base.untilRunning(NAME, DEADLINE_MS)
  }

  untilFailed(text: RegExp): Promise<SeiNode> {
    return this.untilNode(`its plan to fail with ${text}`, node => {
      const { phase, tasks = [] } = node.status?.initPlan ?? {}
      return phase === 'Failed' && tasks.some(({ error = '' }) => text.test(error))
    })
  }

  async retry(token: string): Promise<void> {
    await this.base.patch(NAME, { metadata: { annotations: { 'sei.io/retry-plan': token } } })
  }

  /** As seid will read them. */
  persistentPeers(): readonly string[] {
    const config = this.base.node.homeOf(this.base.key(`data-${NAME}`)).read('config/config.toml') ?? ''
    return /^\s*persistent-peers = ["'](.*)["']$/m.exec(config)?.[1]?.split(',') ?? []
  }

  posted(): readonly string[] {
    return postedTasks(this.base.node.sidecarOf(this.base.podKey(NAME))).map(([type]) => type)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.base[Symbol.asyncDispose]()
    await this.ec2[Symbol.asyncDispose]()
    await this.chain[Symbol.asyncDispose]()
  }
}

interface Faults {
  ec2?: Ec2Fault | undefined
  sidecar?: (request: SeenRequest) => Fault | undefined
}

function noteOf(node: SeiNode): string | undefined {
  return node.status?.initPlan?.tasks.find(({ type }) => type === 'discover-peers')?.note
}

const EXECUTED = [
  'snapshot-restore',
  'configure-genesis',
  'config-apply',
  // Replaces discover-peers.
  'config-apply',
  'configure-state-sync',
  'config-validate',
  'mark-ready',
]

suite('a sidecar without discover-peers', { concurrency: true }, () => {
  test('R11: the sample runs with the peers that the operator discovered, and its plan says so', async () => {
    await using peers = await PeersFixture.open()
    const expected = await peers.startPeers(5)
    await peers.createSample()
    const node = await peers.untilRunning()
    assert.deepEqual(peers.persistentPeers(), expected)
    assert.match(noteOf(node) ?? '', /does not support the task discover-peers; the operator looked up 5 peers/)
    assert.deepEqual(peers.base.executedBy(NAME), EXECUTED)
    assert.deepEqual(peers.posted(), EXECUTED.toSpliced(3, 0, 'discover-peers'))
    // Three pages, asked for once.
    assert.equal(peers.ec2.calls.length, 3)
  })

  test('R8: the plan fails where the operator has no credentials, says what to do, and continues when that is done', async () => {
    await using peers = await PeersFixture.open({ isKnown: false })
    const expected = await peers.startPeers(1)
    await peers.createSample()
    const failed = await peers.untilFailed(/^unknown task type: discover-peers, so .* no AWS credentials .* ec2:Desc/)
    assert.match(
      conditionOf(failed, 'Initialized')?.message ?? '',
      /task discover-peers failed: .* region us-east-2 .* Netw/,
    )
    await peers.base.operator.stop()
    const operator = new OperatorProcess({
      kubeconfig: attachedControlPlane(process.env).operatorKubeconfigPath,
      namespaces: [peers.base.namespace],
      env: { ...NO_AWS, ...peers.ec2.env },
    })
    operator.start()
    try {
      await peers.retry('1')
      await peers.untilRunning()
    } finally {
      await operator.stop()
    }
    assert.deepEqual(peers.persistentPeers(), expected)
    assert.deepEqual(peers.base.executedBy(NAME), EXECUTED)
  })

  test('R8: each other cause that somebody must fix fails the plan with its own message; a retry reaches the next one', async () => {
    await using peers = await PeersFixture.open()
    peers.ec2Fault = FAILURES.unauthorized
    await peers.createSample()
    await peers.untilFailed(
      /AWS does not allow it \(UnauthorizedOperation: .*Give the operator's ServiceAccount a role/,
    )
    peers.ec2Fault = undefined
    await peers.retry('1')
    await peers.untilFailed(/there is no running EC2 instance in region us-east-2 with tag Network=pacific-1/)
    const { address } = await peers.chain.start('down')
    peers.ec2.instances.push({ id: 'i-down', region, tags, privateIp: address })
    await peers.retry('2')
    await peers.untilFailed(/the one running EC2 instance .* port 26657 \(127[.\d]+: connect ECONNREFUSED/)
    const expected = await peers.startPeers(1)
    await peers.retry('3')
    await peers.untilRunning()
    assert.deepEqual(peers.persistentPeers(), expected)
    assert.deepEqual(peers.base.executedBy(NAME), EXECUTED)
  })

  test('failure mode 6: throttling and silence of EC2 are reported and waited for, and the plan continues by itself', async () => {
    await using peers = await PeersFixture.open()
    const expected = await peers.startPeers(1)
    peers.ec2Fault = FAILURES.throttled
    await peers.createSample()
    for (const [fault, text] of [
      [FAILURES.throttled, /RequestLimitExceeded/],
      ['drop', /does not answer/],
    ] as const) {
      peers.ec2Fault = fault
      const waiting = await peers.untilNode(`to wait with ${text}`, node =>
        text.test(conditionOf(node, 'Initialized')?.message ?? ''),
      )
      const reasons = ['Initialized', 'Reconciling', 'SidecarReady', 'Ready'].map(
        type => conditionOf(waiting, type)?.reason,
      )
      assert.deepEqual(reasons, ['PeersUnresolved', 'PeersUnresolved', 'AwaitingMarkReady', 'Initializing'])
      assert.equal(waiting.status?.initPlan?.phase, 'Active')
    }
    peers.ec2Fault = undefined
    await peers.untilRunning()
    assert.deepEqual(peers.persistentPeers(), expected)
    assert.deepEqual(peers.base.executedBy(NAME), EXECUTED)
    await peers.base.untilEvent(NAME, 'PeersUnresolved')
    const events = await peers.base.eventsOf(NAME)
    assert.equal(events.filter(({ reason }) => reason === 'PeersUnresolved').length, 1)
  })

  test('failure mode 1: the answer to the replacing config-apply is lost, and the operator dies: the task runs once', async () => {
    await using peers = await PeersFixture.open()
    const expected = await peers.startPeers(1)
    let killed: Promise<void> | undefined
    peers.sidecarFaults = ({ method, body }) => {
      const { params } = (body ?? {}) as { readonly params?: { readonly incremental?: boolean } }
      if (method !== 'POST' || params?.incremental !== true || killed) return undefined
      killed = peers.base.operator.kill()
      return { kind: 'drop-after' }
    }
    await peers.createSample()
    await until('the operator to be killed', () => killed && true)
    await killed
    peers.base.operator.start()
    const node = await peers.untilRunning()
    assert.deepEqual(peers.base.executedBy(NAME), EXECUTED)
    assert.deepEqual(peers.persistentPeers(), expected)
    assert.match(noteOf(node) ?? '', /the operator looked up the one peer/)
  })

  test('a running node is given other peers by an update plan, keeps those it has until they are known, and restarts once', async () => {
    await using peers = await PeersFixture.open()
    const before = await peers.startPeers(2)
    await peers.createSample()
    await peers.untilRunning()
    const ec2Tags = { region, tags: { Network: 'pacific-1', Role: 'sentry' } }
    await peers.base.patch(NAME, { spec: { peers: [{ ec2Tags }] } })
    await peers.untilNode('its update to fail', ({ status }) => status?.updatePlan?.phase === 'Failed')
    assert.deepEqual(peers.persistentPeers(), before)
    const after = await peers.startPeers(2, ec2Tags.tags)
    await peers.retry('1')
    await peers.untilNode('to run with the new peers', node => {
      const ready = conditionOf(node, 'Ready')
      return node.status?.updatePlan?.phase === 'Complete' && ready?.status === 'True'
    })
    assert.deepEqual(peers.persistentPeers(), after)
    const { status } = (await peers.base.get(seiNodes, NAME)) ?? {}
    assert.deepEqual(
      status?.updatePlan?.tasks.map(({ type, status: state }) => [type, state]),
      [
        ['config-apply', 'Complete'],
        ['discover-peers', 'Complete'],
        ['config-validate', 'Complete'],
      ],
    )
    assert.match(status?.updatePlan?.tasks[1]?.note ?? '', /the operator looked up 2 peers/)
    // The second config-apply replaces discover-peers, and the pod that follows needs one mark-ready.
    const update = ['config-apply', 'config-apply', 'config-validate', 'mark-ready']
    assert.deepEqual(peers.base.executedBy(NAME), [...EXECUTED, ...update])
  })
})
