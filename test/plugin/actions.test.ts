/** `kubectl sei` changes nodes and pools: retry, pause, resume, restart, accept-volume. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { ACCEPT_ANNOTATION, RETRY_ANNOTATION } from '../../src/api/names.ts'
import { seiNodes } from '../../src/api/resources.ts'
import { persistentVolumeClaims, pods } from '../../src/kube/resources.ts'
import { conditionOf, GENESIS_SPEC, type OperatorFixture } from '../support/operator-fixture.ts'
import { failing } from '../lifecycle/specs.ts'
import { PluginFixture } from './plugin-fixture.ts'
import { documentedRole } from './plugin-page.ts'

suite('kubectl sei changes', { concurrency: 4 }, () => {
  let fixture: PluginFixture
  let base: OperatorFixture

  before(async () => {
    const behaviours: Readonly<Record<string, ReturnType<typeof failing>>> = {
      'once-0': failing('config-validate', 1, 'config-validate: no such key'),
      'twice-0': failing('config-validate', 2, 'config-validate: no such key'),
    }
    fixture = await PluginFixture.open({
      node: {
        sidecarFor: ({ pod }) => {
          const tasks = behaviours[pod]
          return tasks ? { tasks } : {}
        },
      },
    })
    base = fixture.pools.base
  })
  after(() => fixture[Symbol.asyncDispose]())

  async function untilFailed(name: string): Promise<void> {
    await base.create(name)
    await base.untilNode(name, 'Failed', ({ status }) => status?.phase === 'Failed')
  }

  function podUID(name: string): Promise<string | undefined> {
    return base.get(pods, `${name}-0`).then(pod => pod?.metadata?.uid)
  }

  test('without a terminal nothing is changed, unless --yes says so', async () => {
    await untilFailed('once')
    const { code, stdout, stderr } = await fixture.run(['retry', 'once'])
    assert.equal(code, 2)
    assert.match(stdout, /^What failed: task config-validate failed: config-validate: no such key\n/)
    assert.match(stderr, /^error: nothing was changed: .* repeat the command with --yes$/m)
    assert.equal((await base.get(seiNodes, 'once'))?.metadata.annotations?.[RETRY_ANNOTATION], undefined)

    const retried = await fixture.run(['retry', 'once', '--yes'])
    assert.equal(retried.code, 0, retried.stderr)
    assert.match(retried.stdout, /The operator sends task config-validate again, then those after it\./)
    assert.match(retried.stdout, /\nonce: all 4 tasks are complete\n$/)
    const again = await fixture.run(['retry', 'once', '--yes'])
    assert.equal(again.code, 1)
    assert.match(again.stderr, /^error: SeiNode \S+\/once has no failed plan/)
  })

  test('a retry that fails again ends with 3 and the error', async () => {
    await untilFailed('twice')
    const { code, stderr } = await fixture.run(['retry', 'twice', '--yes'])
    assert.equal(code, 3)
    assert.match(stderr, /^stalled: twice: task config-validate failed at attempt 2: config-validate: no such key$/m)
  })

  test('a paused node is not changed or restarted until it is resumed', async () => {
    await base.create('held')
    await base.untilRunning('held')
    const uid = await podUID('held')
    assert.match(await fixture.output(['pause', 'held', '--yes']), /\nheld: paused\n$/)
    const restart = await fixture.run(['restart', 'held', '--yes'])
    assert.match(restart.stderr, /^error: held is paused, .*: run kubectl sei resume held first$/m)
    assert.equal(await podUID('held'), uid)
    assert.equal((await fixture.run(['pause', 'held', '--yes'])).code, 1)
    assert.match(await fixture.output(['resume', 'held', '--yes']), /\nheld: resumed and Ready\n$/)
  })

  test('a restart replaces the pod and is over when the new seid is Ready, with the documented rights', async () => {
    await base.create('single')
    await base.untilRunning('single')
    const uid = await podUID('single')
    const role = documentedRole('kubectl-sei-viewer')
    const rules = [...(role.rules ?? []), ...(documentedRole('kubectl-sei-operator').rules ?? [])]
    const KUBECONFIG = await fixture.kubeconfigOf('operator', { ...role, rules })
    const options = { isBare: true, env: { KUBECONFIG } }
    const text = await fixture.output(['restart', 'single', '--yes'], options)
    assert.match(text, /^Pod single-0 is evicted, and seid gets \d+ s to stop\. The volume stays\.\n/)
    assert.match(text, /\nsingle: restarted and Ready\n$/)
    assert.notEqual(await podUID('single'), uid)
    await fixture.output(['pause', 'single', '--yes'], options)
  })

  test('validators of a pool restart one after the other, and none while another is down', async () => {
    await fixture.pools.create('devnet', 4)
    await fixture.pools.untilReady('devnet')
    const names = ['devnet-0', 'devnet-1', 'devnet-2', 'devnet-3']
    const first = await fixture.pools.podUIDs(names)
    const text = await fixture.output(['restart', 'devnet', '--yes'])
    const restarted = names.map(name => text.indexOf(`${name}: restarted and Ready`))
    assert.deepEqual(
      restarted.toSorted((a, b) => a - b),
      restarted,
    )
    const second = await fixture.pools.podUIDs(names)
    assert.ok(second.every((uid, at) => uid !== undefined && uid !== first[at]))

    for (const name of names)
      await base.untilNode(name, 'Following', ({ status }) => status?.chain?.state === 'Following')
    base.stall('devnet-2')
    await base.untilNode('devnet-2', 'not Ready', ({ status }) => status?.chain?.state !== 'Following')
    const { code, stderr } = await fixture.run(['restart', 'devnet-1', '--yes'])
    assert.equal(code, 1)
    assert.match(stderr, /^error: devnet-1 must not be restarted now: .* can lose 1: .*devnet-2 \(not seen to follow/m)
    assert.equal((await fixture.pools.podUIDs(['devnet-1']))[0], second[1])
  })

  test('another volume is accepted by what it is, and nothing else', async () => {
    await base.create('val', { ...GENESIS_SPEC, mode: 'validator' })
    await base.untilRunning('val')
    const nothing = await fixture.run(['accept-volume', 'val', '--yes'])
    assert.match(nothing.stderr, /^error: no volume of SeiNode \S+\/val waits for consent/)
    const claim = await base.get(persistentVolumeClaims, 'data-val')
    await base.base.remove(persistentVolumeClaims, 'data-val')
    await base.base.remove(pods, 'val-0')
    await base.untilNode('val', 'VolumeReplaced', node => conditionOf(node, 'Stalled')?.reason === 'VolumeReplaced')
    const value = `lost:${claim?.metadata?.uid}`
    const unnamed = await fixture.run(['accept-volume', 'val', '--yes'])
    assert.equal(unnamed.code, 2)
    assert.match(unnamed.stderr, new RegExp(`with --yes, name what you accept, .*: ${value}$`, 'm'))
    const other = await fixture.run(['accept-volume', 'val', 'lost:other', '--yes'])
    assert.match(other.stderr, new RegExp(`does not wait for consent to lost:other, but to ${value}$`, 'm'))
    const text = await fixture.output(['accept-volume', 'val', value, '--yes'])
    assert.match(text, /signing state of a validator is lost with its volume/)
    assert.match(text, /\nval: the volume is in use, and the node is Ready\n$/)
    assert.equal((await base.get(seiNodes, 'val'))?.metadata.annotations?.[ACCEPT_ANNOTATION], value)
  })
})
