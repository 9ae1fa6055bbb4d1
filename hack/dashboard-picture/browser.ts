/** A page as a PNG, taken by a browser without a screen: `takePicture`. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { browserSetUp } from '../../testing/realcluster/browser.ts'
import type { Page } from './page.ts'

const DEADLINE_MS = 120_000

/** Writes the picture to `file`. */
export async function takePicture({ html, width, height }: Page, file: string): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'sei-picture-'))
  try {
    await writeFile(join(dir, 'page.html'), html)
    const { program, env, flags } = await browserSetUp(dir)
    const args = [
      ...flags,
      '--hide-scrollbars',
      `--user-data-dir=${dir}/profile`,
      `--window-size=${width},${height}`,
      `--screenshot=${file}`,
      `file://${dir}/page.html`,
    ]
    await promisify(execFile)(program, args, { env, timeout: DEADLINE_MS })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
