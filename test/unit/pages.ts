/** The pages of the documentation: `pages`, `readPage`, `anchorsOf`. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../testing/root.ts'

/** Paths from the root of the repository. */
export const pages = globSync(['*.md', 'docs/**/*.md', 'samples/*.md'], { cwd: ROOT }).toSorted()

export function readPage(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** What a link into the page may name, as GitHub makes it. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const titles = [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title)
  const anchors = titles.map(title =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  return new Set(anchors)
}
