/**
 * Draws the dashboard of config/monitoring to docs/images: an operator on a real control plane, scraped by a real
 * Prometheus, for a quarter of an hour. With --redraw, from the answers that the last run kept.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ScrapedOperator } from '../../test/monitoring/scraped-operator.ts'
import { readDashboard, readRules } from '../../test/support/monitoring.ts'
import { resolveBinaries } from '../../testing/controlplane/binaries.ts'
import { startControlPlane } from '../../testing/controlplane/cluster.ts'
import { environmentOf } from '../../testing/controlplane/environment.ts'
import { ROOT } from '../../testing/root.ts'
import { type Answers, answersOf } from './answers.ts'
import { takePicture } from './browser.ts'
import { groupsOf, pageOf } from './page.ts'
import { openScene, playScene, SCENE_MINUTES } from './scene.ts'

const KEPT = join(ROOT, 'dist/dashboard-answers.json')
const STEP_SECONDS = 5

async function observe(): Promise<Answers> {
  await using controlPlane = await startControlPlane({ binaries: await resolveBinaries(process.env) })
  Object.assign(process.env, environmentOf(controlPlane))
  await using fixture = await openScene()
  await using scraped = await ScrapedOperator.open(fixture.base, readRules())
  console.log(`The operator runs. The pictures are taken in ${SCENE_MINUTES} minutes.`)
  await playScene(fixture)
  const end = STEP_SECONDS * Math.floor(Date.now() / 1000 / STEP_SECONDS)
  const range = { start: end - SCENE_MINUTES * 60, end, step: STEP_SECONDS }
  // Prometheus has to run until it has answered.
  return await answersOf(readDashboard(), range, (what, parameters) => scraped.prometheus.get(what, parameters))
}

async function main(redraw: boolean): Promise<void> {
  const answers: Answers = redraw ? JSON.parse(await readFile(KEPT, 'utf8')) : await observe()
  await mkdir(join(ROOT, 'dist'), { recursive: true })
  await writeFile(KEPT, JSON.stringify(answers))
  for (const group of groupsOf(readDashboard())) {
    const file = join(ROOT, `docs/images/dashboard-${group.title.toLowerCase()}.png`)
    await takePicture(pageOf(group, answers), file)
    console.log(`wrote ${file}`)
  }
}

await main(process.argv.includes('--redraw'))
