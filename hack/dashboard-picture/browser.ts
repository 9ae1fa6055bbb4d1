/** A page as a PNG, taken by a browser without a screen: `takePicture`. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { resolveBrowser } from '../../testing/realcluster/debian-packages.ts'
import type { Page } from './page.ts'

const DEADLINE_MS = 120_000

/** Writes the picture to `file`. */
export async function takePicture({ html, width, height }: Page, file: string): Promise<void> {
  const { program, libraries, fonts } = await resolveBrowser(process.env, process.stderr)
  const dir = await mkdtemp(join(tmpdir(), 'sei-picture-'))
  try {
    await writeFile(join(dir, 'page.html'), html)
    await writeFile(
      join(dir, 'fonts.conf'),
      `<fontconfig><dir>${fonts}</dir><cachedir>${dir}/fonts</cachedir></fontconfig>\n`,
    )
    const args = [
      // Its sandbox does not work for root; it opens one page, which is ours and loads nothing.
      '--no-sandbox',
      '--disable-gpu',
      '--hide-scrollbars',
      `--user-data-dir=${dir}/profile`,
      `--window-size=${width},${height}`,
      `--screenshot=${file}`,
      `file://${dir}/page.html`,
    ]
    const env = { ...process.env, LD_LIBRARY_PATH: libraries.join(':'), FONTCONFIG_FILE: join(dir, 'fonts.conf') }
    await promisify(execFile)(program, args, { env, timeout: DEADLINE_MS })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
