/** The console in a real browser: what users see of a fleet, a node and a pool. UPDATE_GOLDEN=1 takes the pictures of docs/console.md. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { seiNodes } from '../../src/api/resources.ts'
import { freePorts } from '../../testing/controlplane/ports.ts'
import { ROOT } from '../../testing/root.ts'
import { failing } from '../lifecycle/specs.ts'
import { PluginFixture } from '../plugin/plugin-fixture.ts'
import { SEVEN_TASKS } from '../support/bootstrap-spec.ts'
import { BrowserPage, type PictureOptions } from './browser-page.ts'
import { ConsoleProcess } from './console-process.ts'

const GIB = 1024 ** 3
const BROKEN_IMAGE = 'sei-protocol/seid:v6.5.0-broken'
const TAKES_PICTURES = process.env['UPDATE_GOLDEN'] === '1'
const MAX_LOADED_BYTES = 100_000

suite('the console in a browser', () => {
  let fixture: PluginFixture
  let console: ConsoleProcess
  let browser: BrowserPage

  before(async () => {
    const failure = failing('snapshot-restore', 99, 'snapshot-restore: reading latest.txt: NoSuchKey')
    fixture = await PluginFixture.open({
      node: {
        sidecarFor: ({ pod }) => {
          if (pod === 'rpc-2-0') return { tasks: failure }
          if (pod === 'rpc-1-0') return { tasks: type => ({ durationMs: type === 'config-apply' ? 3_600_000 : 1_500 }) }
          return {}
        },
        seidEnds: ({ image }) => (image === BROKEN_IMAGE ? { exitCode: 1 } : undefined),
      },
      operator: { args: ['--volume-interval=10', '--kubelet-insecure-tls'] },
    })
    const { base } = fixture.pools
    await Promise.all([
      fixture.pools.create('devnet', 4),
      base.create('rpc-0'),
      base.create('rpc-1', SEVEN_TASKS),
      base.create('rpc-2', SEVEN_TASKS),
    ])
    await Promise.all([
      fixture.pools.untilReady('devnet'),
      base.untilRunning('rpc-0'),
      base.untilNode('rpc-2', 'Failed', ({ status }) => status?.phase === 'Failed'),
      base.untilNode('rpc-1', 'config-apply runs', ({ status }) =>
        (status?.initPlan?.tasks ?? []).some(task => task.type === 'config-apply' && task.status === 'Submitted'),
      ),
    ])
    const measured = ['devnet-0', 'devnet-1', 'devnet-2', 'devnet-3', 'rpc-0', 'rpc-1', 'rpc-2']
    for (const [at, name] of measured.entries())
      fixture.pools.node.setVolumeUse(base.key(`data-${name}`), {
        usedBytes: (400 + 80 * at) * GIB,
        capacityBytes: 1000 * GIB,
      })
    await Promise.all(
      measured.map(name =>
        base.untilNode(name, 'its volume is measured', ({ status }) => status?.dataVolume?.use !== undefined),
      ),
    )
    console = await ConsoleProcess.start(['-n', fixture.namespace])
    browser = await BrowserPage.open()
  })
  after(async () => {
    await browser[Symbol.asyncDispose]()
    await console[Symbol.asyncDispose]()
    await fixture[Symbol.asyncDispose]()
  })

  /** For docs/console.md. */
  async function picture(name: string, options: Partial<PictureOptions> = {}): Promise<void> {
    if (!TAKES_PICTURES) return
    const names = { replaced: fixture.namespace, by: 'sei' }
    await browser.takePicture(join(ROOT, `docs/images/console-${name}.png`), { ...names, ...options })
  }

  /** One validator that stands still for a while. */
  async function makeHistory(): Promise<void> {
    const { base } = fixture.pools
    await sleep(20_000)
    base.stall('devnet-2')
    await sleep(25_000)
    base.stall('devnet-2', false)
    await sleep(20_000)
  }

  test('the fleet: states by chain, what needs a person, bootstraps, heights over time', async () => {
    const { page } = browser
    await page.goto(console.url)
    assert.equal(page.url(), console.at('/'), 'the token is not in the address bar')
    await browser.shows('Live')
    await page
      .getByRole('row', { name: /devnet-3/ })
      .getByRole('img', { name: 'height over time' })
      .waitFor()
    await browser.shows('A person is needed')
    await browser.shows(/NoSuchKey/)
    if (TAKES_PICTURES) await makeHistory()
    await browser.isAccessible()
    await picture('fleet', { height: 960 })
    await picture('fleet-dark', { height: 960, scheme: 'dark' })
    await picture('phone', { isPhone: true })
  })

  test('what changes is shown without a reload, and the focus stays', async () => {
    const { page } = browser
    const { base } = fixture.pools
    const link = page.getByRole('row', { name: /^rpc-0/ }).getByRole('link')
    await link.focus()
    await page.evaluate('globalThis.isKept = true')
    await base.create('rpc-3', SEVEN_TASKS)
    await page
      .getByRole('row', { name: /^rpc-3/ })
      .getByText('Ready')
      .waitFor()
    await base.base.remove(seiNodes, 'rpc-3')
    await page.getByRole('row', { name: /^rpc-3/ }).waitFor({ state: 'detached' })
    assert.equal(await page.evaluate('globalThis.isKept'), true)
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'rpc-0')
  })

  test('a node with a bootstrap that runs: its plan as a timeline', async () => {
    const { page } = browser
    await page.goto(console.at('/'))
    await page.getByRole('link', { name: 'rpc-1' }).first().click()
    await browser.shows('config-apply')
    await browser.shows('Live')
    await browser.shows(/PlanStarted/)
    await browser.isAccessible()
    await picture('bootstrap', { height: 900 })
  })

  test('a node that failed', async () => {
    await browser.page.goto(console.at(`/nodes/${fixture.namespace}/rpc-2`))
    await browser.shows('What is wrong')
    await browser.shows('Live')
    await browser.shows(`kubectl sei retry rpc-2 -n ${fixture.namespace}`)
    await browser.isAccessible()
    await picture('failure', { height: 1000 })
  })

  test('a pool in a rollout', async () => {
    await browser.page.goto(console.at(`/pools/${fixture.namespace}/devnet`))
    await browser.page.getByRole('img', { name: '4 of 4 validators sign; blocks need 3' }).waitFor()
    await fixture.pools.patch('devnet', { spec: { nodeConfiguration: { image: BROKEN_IMAGE } } })
    await browser.shows('gets its change now')
    await browser.isAccessible()
    await picture('pool', { height: 1000 })
    await picture('pool-dark', { height: 1000, scheme: 'dark' })
  })

  test('the first key leads past the head of the page', async () => {
    const { page } = browser
    await page.goto(console.at('/'))
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate("document.activeElement.closest('main') !== null"), true)
  })

  test('neither the policy of the page nor a script complained, and little was loaded', () => {
    assert.deepEqual(browser.complaints, [])
    const total = [...browser.loaded.values()].reduce((sum, size) => sum + size, 0)
    assert.ok(total < MAX_LOADED_BYTES, `loaded ${JSON.stringify([...browser.loaded])}`)
  })

  test('another page in the same browser gets nothing, by whatever name', async () => {
    const { port } = new URL(console.url)
    const [otherPort = 0] = await freePorts(1)
    const other = createServer((_request, response) =>
      response.setHeader('Content-Type', 'text/html').end('<p>other</p>'),
    )
    other.listen(otherPort, '127.0.0.1')
    await once(other, 'listening')
    await using stranger = await BrowserPage.open(['--host-resolver-rules=MAP *.example 127.0.0.1'])
    const { page } = stranger
    await page.goto(console.url)
    await stranger.shows('Live')
    const statusOf = async (url: string): Promise<number | undefined> => (await page.goto(url))?.status()
    // The name of an attacker that leads to this machine, with its page at the same port.
    assert.equal(await statusOf(`http://rebound.example:${port}/`), 403)
    // A page of another port of this machine: the browser has the cookie for it, too.
    assert.equal(await statusOf(`http://127.0.0.1:${otherPort}/`), 200)
    const asked = await page.evaluate(async address => {
      const answer = async (mode: 'cors' | 'no-cors'): Promise<string> =>
        fetch(address, { mode, credentials: 'include' }).then(
          async response => `${response.type} ${await response.text()}`,
          () => 'refused',
        )
      return [await answer('cors'), await answer('no-cors')]
    }, console.at('/'))
    assert.deepEqual(asked, ['refused', 'refused'])
    other.close()
    other.closeAllConnections()
  })

  test('when the console ends, the page says that it is old', async () => {
    const { page } = browser
    await page.goto(console.at('/'))
    await browser.shows('Live')
    assert.equal(await console.stop(), 0)
    await browser.shows(/^Not connected: what is shown is old/)
  })
})
