/** The documentation leads where it says, and names the commands that there are. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { ROOT } from '../../testing/root.ts'
import { anchorsOf, pages, readPage as read } from './pages.ts'
import { sources } from './sources.ts'

const LINK = /\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g

test('every link of the documentation leads somewhere, to the heading that it names', () => {
  const broken = pages.flatMap(page =>
    [...read(page).matchAll(LINK)].flatMap(([link, path = '', anchor]) => {
      const target = path === '' ? page : join(dirname(page), path)
      const leads = existsSync(join(ROOT, target)) && (anchor === undefined || anchorsOf(read(target)).has(anchor))
      return leads ? [] : [`${page}: ${link}`]
    }),
  )
  assert.deepEqual(broken, [])
})

test('every page of docs/ can be reached from README.md', () => {
  const reached = new Set(['README.md'])
  for (const page of reached) {
    for (const [, path = ''] of page.endsWith('.md') ? read(page).matchAll(LINK) : []) {
      const target = join(dirname(page), path).replace(/\/$/, '')
      // A link to a folder shows all that is in it.
      if (path !== '') for (const each of pages) if (each === target || dirname(each) === target) reached.add(each)
    }
  }
  assert.deepEqual(
    pages.filter(page => page.startsWith('docs/') && !reached.has(page)),
    [],
  )
})

test('docs/development.md lists the targets of the Makefile, all but help', () => {
  const targets = [...read('Makefile').matchAll(/^([a-z0-9-]+):.*## /gm)].map(([, target]) => target)
  const listed = [...read('docs/development.md').matchAll(/^\| `make ([a-z0-9-]+)` \|/gm)].map(([, target]) => target)
  assert.deepEqual(new Set([...listed, 'help']), new Set(targets))
})

test('every block of YAML or JSON in the documentation parses', () => {
  const blocks = pages.flatMap(page =>
    [...read(page).matchAll(/^```(yaml|json)\n(.*?)^```$/gms)].map(([, kind, text = '']) => ({ page, kind, text })),
  )
  assert.ok(blocks.length > 10, `found ${blocks.length}`)
  for (const { page, kind, text } of blocks) {
    assert.doesNotThrow(() => {
      if (kind === 'json') JSON.parse(text)
      else for (const { errors } of parseAllDocuments(text)) if (errors[0] !== undefined) throw errors[0]
    }, `${page}: ${text}`)
  }
})

test('every requirement that the title of a test begins with has its row in docs/requirements.md', () => {
  const rows = new Set([...read('docs/requirements.md').matchAll(/^\| (R\d+) \|/gm)].map(([, id]) => id))
  const named = sources().flatMap(({ path, text }) =>
    [...text.matchAll(/\w\(\s*['"`](R\d+)\b/g)].map(([, id]) => ({ path, id })),
  )
  assert.ok(named.length > 100, `found ${named.length}`)
  assert.deepEqual(
    named.filter(({ id }) => !rows.has(id)),
    [],
  )
})

test('every source file that the map of the code and the guide for developers name is there', () => {
  const paths = sources().map(({ path }) => `/${path}`)
  const named = ['docs/architecture.md', 'docs/development.md'].flatMap(page =>
    [...read(page).matchAll(/(?<![\w*./-])[\w/-]+(\.test)?\.ts\b/g)].map(([name]) => name),
  )
  assert.ok(named.length > 30, `found ${named.length}`)
  assert.deepEqual(
    named.filter(name => !name.startsWith('x.') && !paths.some(path => path.endsWith(`/${name}`))),
    [],
  )
})

test('docs/failure-modes.md has each failure mode that a test cites, with a file that cites it', () => {
  const rows = [...read('docs/failure-modes.md').matchAll(/^\| (\d+) \|.*\| `([\w/.-]+)` \|$/gm)]
  const files = new Map(rows.map(([, number = '', path = '']) => [number, path]))
  const cited = sources().flatMap(({ path, text }) =>
    [...text.matchAll(/failure modes? (\d+(?:(?:, | and )\d+)*)/g)].flatMap(([, numbers = '']) =>
      numbers.split(/, | and /).map(number => ({ path, number })),
    ),
  )
  assert.deepEqual(
    cited.filter(({ number }) => !files.has(number)),
    [],
  )
  assert.deepEqual(
    [...files].filter(([number, path]) => !cited.some(each => each.number === number && each.path === path)),
    [],
  )
})
