/** Two managers of one installation, whose clocks are an hour apart: one leads, and the other follows it, never both. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { readAuditLog, type AuditedRequest } from '../../testing/audit-log.ts'
import { USERS } from '../../testing/controlplane/credentials.ts'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { leases, services } from '../../src/kube/resources.ts'
import { ApiProxy, type ApiFault } from '../support/api-proxy.ts'
import type { ApiCall } from '../support/api-call.ts'
import { OperatorProcess } from '../support/operator-process.ts'
import { GENESIS_SPEC, OperatorFixture, type OperatorFixtureOptions } from '../support/operator-fixture.ts'
import { until } from '../support/until.ts'

const HOUR_MS = 3_600_000
const LEASE = 'sei-k8s-controller'
const TASKS = ['configure-genesis', 'config-apply', 'config-validate', 'mark-ready']
const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch'])

const UNLABELLED = { metadata: { labels: { 'sei.io/node': null } } }

/** A manager whose requests are distinguishable in the audit log. */
class Replica implements AsyncDisposable {
  readonly name: string
  readonly operator: OperatorProcess
  readonly #proxy: ApiProxy

  private constructor(name: string, operator: OperatorProcess, proxy: ApiProxy) {
    this.name = name
    this.operator = operator
    this.#proxy = proxy
  }

  static async start(
    { namespace }: OperatorFixture,
    which: string,
    clockShiftMs: number,
    faults: (call: ApiCall) => ApiFault | undefined = () => undefined,
  ): Promise<Replica> {
    const name = `${namespace}/${which}`
    const kubeconfigPath = attachedControlPlane(process.env).operatorKubeconfigPath
    const proxy = await ApiProxy.start({ kubeconfigPath, userAgent: name, faults })
    const operator = new OperatorProcess({
      kubeconfig: proxy.kubeconfigPath,
      namespaces: [namespace],
      args: ['--leader-elect', `--leader-election-namespace=${namespace}`, '--health-probe-bind-address=127.0.0.1:0'],
      clockAheadMs: clockShiftMs,
      // A lease is kept for seconds.
      clockRate: 3,
    })
    operator.start()
    return new Replica(name, operator, proxy)
  }

  async untilLeading(): Promise<void> {
    const found = () => this.operator.log
    await until(`${this.name} to lead`, () => (/ leading /.test(this.operator.log) ? true : undefined), { found })
  }

  async untilReady(): Promise<void> {
    const found = () => this.operator.log
    const port = await until('its port', () => /listening healthPort=(\d+)/.exec(this.operator.log)?.[1], { found })
    const probe = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200 || undefined
    await until(`${this.name} to be ready`, probe, { found })
  }

  /** Oldest first. */
  async requests(): Promise<readonly AuditedRequest[]> {
    const all = await readAuditLog(attachedControlPlane(process.env).auditLogPath, USERS.operator.name)
    return all.filter(({ userAgent }) => userAgent === this.name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.operator.stop()
    await this.#proxy[Symbol.asyncDispose]()
  }
}

function isWrite({ verb, target }: AuditedRequest): boolean {
  return !READS.has(verb) && target !== 'leases' && target !== 'selfsubjectaccessreviews'
}

function fixtureOf(node?: OperatorFixtureOptions['node']): Promise<OperatorFixture> {
  return OperatorFixture.open({ started: false, ...(node && { node }) })
}

suite('leadership', { concurrency: 3 }, () => {
  test('a leader that is killed is replaced, and the bootstrap in flight ends as without the kill', async t => {
    const blocked = Promise.withResolvers<void>()
    await using fixture = await fixtureOf({
      sidecarFor: () => ({ tasks: type => (type === 'config-apply' ? { block: blocked.promise } : undefined) }),
    })
    await using first = await Replica.start(fixture, 'first', HOUR_MS)
    await first.untilLeading()
    await using second = await Replica.start(fixture, 'second', 0)
    await second.untilReady()
    await fixture.create('a', GENESIS_SPEC)
    const before = await fixture.untilNode('a', 'config-apply is in status as submitted', ({ status }) => {
      return status?.initPlan?.tasks[1]?.status === 'Submitted'
    })
    await first.operator.kill()
    const killed = Date.now()
    await second.untilLeading()
    // At most a term and an attempt, 18 s, and what the machine takes: the elector's own tests hold it to that.
    t.diagnostic(`followed ${((Date.now() - killed) / 1000).toFixed(1)} s after the kill`)
    blocked.resolve()
    const after = await fixture.untilRunning('a')
    assert.equal(after.status?.initPlan?.id, before.status?.initPlan?.id)
    assert.deepEqual(fixture.executedBy('a'), TASKS)
    assert.ok((await second.requests()).some(isWrite))
  })

  test('failure mode 39: a leader that can renew no more has stopped writing before the next one begins', async () => {
    let isBlocked = false
    await using fixture = await fixtureOf()
    const faults = ({ resource }: ApiCall): ApiFault | undefined =>
      isBlocked && resource === 'leases' ? { kind: 'hang' } : undefined
    await using first = await Replica.start(fixture, 'first', HOUR_MS, faults)
    await first.untilLeading()
    await using second = await Replica.start(fixture, 'second', -HOUR_MS)
    await second.untilReady()
    await fixture.create('a', GENESIS_SPEC)
    await fixture.untilRunning('a')
    const lease = await fixture.client.get(leases, fixture.key(LEASE))
    assert.ok(Date.parse(lease?.spec?.renewTime ?? '') > Date.now() + HOUR_MS / 2, 'the leader is ahead of time')
    isBlocked = true
    const blockedAt = Date.now()
    // Somebody undoes what the leader makes, so that there is always something to write.
    await until(
      'the second to write, too',
      async () => {
        await fixture.client.patch(services, fixture.key('a'), UNLABELLED, { type: 'merge' })
        return (await second.requests()).some(isWrite) || undefined
      },
      { deadlineMs: 40_000, found: () => [first.operator.log, second.operator.log] },
    )
    await first.operator.exited
    assert.match(first.operator.log, /leadership lost/)
    const last = (await first.requests()).findLast(isWrite)
    const next = (await second.requests()).find(isWrite)
    assert.ok(last && next)
    assert.ok(last.receivedAt > blockedAt, 'it had something to write while it led still')
    assert.ok(last.receivedAt < next.receivedAt, `${last.receivedAt} ${next.receivedAt}`)
    const taken = (await second.requests()).find(({ verb, target }) => target === 'leases' && verb === 'update')
    assert.ok(taken && last.receivedAt < taken.receivedAt, 'it wrote after the other had taken the lease')
  })

  test('a leader that is stopped releases the lease, and the next one leads', async () => {
    await using fixture = await fixtureOf()
    await using first = await Replica.start(fixture, 'first', -HOUR_MS)
    await first.untilLeading()
    await using second = await Replica.start(fixture, 'second', HOUR_MS)
    await second.untilReady()
    first.operator.terminate()
    await first.operator.exited
    assert.match(first.operator.log, /leadership released[^]* stopped/)
    const lease = await fixture.client.get(leases, fixture.key(LEASE))
    // Released by the first, unless the second was quick to take it.
    assert.notEqual(lease?.spec?.holderIdentity, /identity=(\S+)/.exec(first.operator.log)?.[1])
    await second.untilLeading()
  })
})
