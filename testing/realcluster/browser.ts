/** How to start a Chromium without a screen: `browserSetUp`. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { resolveBrowser } from './debian-packages.ts'

export interface BrowserSetUp {
  readonly program: string
  readonly flags: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** @param dir a directory for its configuration, which outlives it */
export async function browserSetUp(dir: string): Promise<BrowserSetUp> {
  const { program, libraries, fonts } = await resolveBrowser(process.env, process.stderr)
  const fontconfig = join(dir, 'fonts.conf')
  await writeFile(fontconfig, `<fontconfig><dir>${fonts}</dir><cachedir>${dir}/fonts</cachedir></fontconfig>\n`)
  const inherited = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  return {
    program,
    // Its sandbox does not work for root; it opens pages of ours alone.
    flags: ['--no-sandbox', '--disable-gpu'],
    env: { ...Object.fromEntries(inherited), LD_LIBRARY_PATH: libraries.join(':'), FONTCONFIG_FILE: fontconfig },
  }
}
