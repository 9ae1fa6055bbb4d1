/** `node bench/console.ts [nodes]`: how long a large fleet takes to be drawn, sent and shown by a real browser. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { chromium } from 'playwright-core'
import { difference, whole } from '../src/plugin/console/markup.ts'
import type { Scene } from '../src/plugin/console/scene.ts'
import { serveConsole } from '../src/plugin/console/server.ts'
import { knownNode, liveAt, sceneOf, steadySamples } from '../src/plugin/console/testdata/scenes.ts'
import { drawFleet } from '../src/plugin/console/views/fleet.ts'
import { browserSetUp } from '../testing/realcluster/browser.ts'

const ROUNDS = 5
const SAMPLES = 180

const count = Number(process.argv[2] ?? 1000)
const samples = steadySamples(SAMPLES)

/** @param step 1: a twentieth of the nodes has other heights than at 0 */
function sceneAt(step: number): Scene {
  const nodes = Array.from({ length: count }, (_, at) =>
    knownNode(`rpc-${at}`, { chainId: `chain-${at % 5}`, live: liveAt(at % 20 < step ? 2000 : 1000) }),
  )
  return sceneOf(nodes, [], samples)
}

function milliseconds(work: () => unknown): string {
  const times = Array.from({ length: ROUNDS }, () => {
    const started = performance.now()
    work()
    return performance.now() - started
  })
  return `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)} ms`
}

const scenes = [sceneAt(0), sceneAt(1)] as const
const [before, after] = [drawFleet(scenes[0]), drawFleet(scenes[1])]
const kilobytes = (text = ''): string => `${Math.round(Buffer.byteLength(text) / 1000)} kB`
console.log(`${count} nodes`)
console.log(`drawn in ${milliseconds(() => whole(drawFleet(scenes[0])))}, ${kilobytes(whole(before))}`)
console.log(
  `compared in ${milliseconds(() => difference(before, after))}, ${kilobytes(difference(before, after))} for a change of 5 %`,
)

let scene: Scene = scenes[0]
const dir = await mkdtemp(join(tmpdir(), 'sei-console-bench-'))
const end = new AbortController()
const site = { place: 'bench', draw: () => drawFleet(scene), read: () => Promise.resolve(undefined) }
try {
  await using running = await serveConsole(site, 0, end.signal)
  const { program, flags, env } = await browserSetUp(dir)
  await using browser = await chromium.launch({ executablePath: program, args: [...flags], env: { ...env } })
  // Playwright waits by a text that it evaluates, which the page's policy forbids.
  const page = await browser.newPage({ bypassCSP: true })
  const started = performance.now()
  await page.goto(running.url, { waitUntil: 'load' })
  console.log(`opened in a browser, with all rows, in ${(performance.now() - started).toFixed(0)} ms`)
  await page.locator('#connection[data-state=live]').waitFor()
  await page.evaluate(`
    globalThis.swaps = []
    document.addEventListener('htmx:before:swap', () => (globalThis.swapStarted = performance.now()))
    document.addEventListener('htmx:finally:swap', () => swaps.push(performance.now() - swapStarted))`)
  scene = scenes[1]
  const swap = await page.waitForFunction('swaps.at(-1)')
  console.log(`a change of 5 % shown by the browser in ${Number(await swap.jsonValue()).toFixed(0)} ms`)
} finally {
  end.abort()
  await rm(dir, { recursive: true, force: true })
}
