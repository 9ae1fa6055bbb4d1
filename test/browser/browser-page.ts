/** A page in a real browser, which remembers what it complained of: `BrowserPage`. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { browserSetUp } from '../../testing/realcluster/browser.ts'

const SCHEMES = ['light', 'dark'] as const
const DESKTOP = { width: 1280, height: 800 }
const PHONE = { width: 390, height: 844 }
const DEADLINE_MS = 60_000

export interface PictureOptions {
  readonly scheme?: (typeof SCHEMES)[number]
  readonly isPhone?: boolean
  readonly height?: number
  readonly replaced: string
  readonly by: string
}

export class BrowserPage implements AsyncDisposable {
  readonly page: Page
  /** Errors of scripts, and what the Content-Security-Policy refused. */
  readonly complaints: string[] = []
  /** Sizes of what was loaded, by path. */
  readonly loaded = new Map<string, number>()
  readonly #browser: Browser
  readonly #dir: string

  private constructor(browser: Browser, page: Page, dir: string) {
    this.#browser = browser
    this.page = page
    this.#dir = dir
    page.setDefaultTimeout(DEADLINE_MS)
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text())
    })
    page.on('pageerror', error => this.complaints.push(error.message))
    page.on('requestfinished', request => {
      const { pathname } = new URL(request.url())
      if (!pathname.startsWith('/live')) void this.#weigh(pathname, request.sizes())
    })
  }

  /** @param flags further ones of Chromium */
  static async open(flags: readonly string[] = []): Promise<BrowserPage> {
    const dir = await mkdtemp(join(tmpdir(), 'sei-browser-'))
    const { program, env, flags: usual } = await browserSetUp(dir)
    const browser = await chromium.launch({ executablePath: program, args: [...usual, ...flags], env: { ...env } })
    return new BrowserPage(browser, await browser.newPage({ viewport: DESKTOP }), dir)
  }

  async #weigh(path: string, sizes: Promise<{ readonly responseBodySize: number }>): Promise<void> {
    this.loaded.set(path, (await sizes).responseBodySize)
  }

  /** Resolves when the page shows the text. */
  async shows(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor()
  }

  /** axe finds nothing, in light and dark; a phone need not be scrolled sideways. */
  async isAccessible(): Promise<void> {
    await this.page.evaluate(axe.source)
    for (const colorScheme of SCHEMES) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const found: readonly string[] = await this.page.evaluate(
        'axe.run().then(found => found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`))',
      )
      assert.deepEqual(found, [], `axe in ${colorScheme}`)
    }
    await this.page.setViewportSize(PHONE)
    const width = await this.page.evaluate('document.scrollingElement.scrollWidth')
    await this.page.setViewportSize(DESKTOP)
    assert.equal(width, PHONE.width, 'the width of the page on a phone')
  }

  /** @param options `height` cuts off what is below; `replaced` is shown as `by` */
  async takePicture(path: string, options: PictureOptions): Promise<void> {
    const { scheme = 'light', isPhone = false, height, replaced, by } = options
    const size = isPhone ? PHONE : DESKTOP
    await this.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await this.page.setViewportSize({ ...size, height: height ?? size.height })
    await this.page.evaluate(
      `for (const all = document.createTreeWalker(document.body, 4); all.nextNode(); )
         all.currentNode.data = all.currentNode.data.replaceAll(${JSON.stringify(replaced)}, ${JSON.stringify(by)})`,
    )
    await this.page.screenshot({ path })
    await this.page.setViewportSize(DESKTOP)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close()
    await rm(this.#dir, { recursive: true, force: true })
  }
}
