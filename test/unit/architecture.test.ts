/** The rules of the code that matter most: who imports whom, what is pure, how large files are. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { NODE_REASONS, POOL_REASONS } from '../../src/api/conditions.ts'
import type { Reason } from '../../src/api/reason.ts'
import { ROOT } from '../../testing/root.ts'
import manifest from '../../package.json' with { type: 'json' }
import { isGenerated, isTest, layerOf, sources, type Import, type Source } from './sources.ts'

/** Each may import those before it. */
const LAYERS = [
  'lib',
  'api',
  'build',
  'plan',
  'chain',
  'volumes',
  'kube',
  'sidecar',
  'seid',
  'kubelet',
  'peers',
  'runtime',
  'controllers',
  'cli',
  'plugin',
]
const PURE: ReadonlySet<string> = new Set(['lib', 'api', 'build', 'plan', 'chain', 'volumes'])
/** These would do in any operator: what they may import besides themselves. */
const STANDALONE: Readonly<Record<string, readonly string[]>> = { kube: ['lib'], runtime: ['lib', 'kube'] }
/** The types of Kubernetes objects, which every folder may import. */
const SHAPES = 'src/kube/types.ts'
const MAX_LINES = 350

const all = sources()
const product = all.filter(source => source.path.startsWith('src/') && !isTest(source))
const pure = product.filter(({ path }) => PURE.has(layerOf(path) ?? ''))

/** `file: what is wrong`, for each import that breaks the rule. */
function broken(files: readonly Source[], isBroken: (from: Source, to: Import) => boolean): readonly string[] {
  return files.flatMap(source =>
    source.imports
      .filter(each => isBroken(source, each))
      .map(({ specifier }) => `${source.path}: imports ${specifier}`),
  )
}

function position(path: string | undefined): number {
  return LAYERS.indexOf(layerOf(path ?? '') ?? '')
}

test('the rules below see the code: files, imports of every kind, every folder', () => {
  assert.deepEqual(
    LAYERS.filter(layer => !product.some(({ path }) => layerOf(path) === layer)),
    [],
  )
  assert.deepEqual(
    product.filter(({ path }) => position(path) === -1).map(({ path }) => path),
    [],
  )
  const kinds = new Set(product.flatMap(({ imports }) => imports.map(({ kind }) => kind)))
  assert.deepEqual([...kinds].toSorted(), ['lazy', 'type', 'value'])
})

test('imports go one way: lib, api, build, plan, chain, volumes, kube, sidecar, seid, kubelet, peers, runtime, controllers, cli, plugin', () => {
  const wrong = broken(product, (from, to) => {
    const isShape = to.path === SHAPES && to.kind === 'type'
    return position(to.path) > position(from.path) && !isShape
  })
  assert.deepEqual(wrong, [])
})

test('kube and runtime do not depend on anything of Sei', () => {
  const files = product.filter(({ path }) => Object.hasOwn(STANDALONE, layerOf(path) ?? ''))
  const wrong = broken(files, ({ path }, to) => {
    const layer = layerOf(path) ?? ''
    const other = to.path === undefined ? undefined : layerOf(to.path)
    return other !== undefined && other !== layer && !STANDALONE[layer]?.includes(other)
  })
  assert.deepEqual(wrong, [])
  assert.deepEqual(
    files.filter(({ text }) => /sei\.io|\bseid\b|\bseictl\b|SeiNode/.test(text)).map(({ path }) => path),
    [],
  )
})

test('no file imports itself through others, types included', () => {
  const byPath = new Map(all.map(source => [source.path, source]))
  const reachable = (start: string): ReadonlySet<string> => {
    const seen = new Set<string>()
    const open = [start]
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      for (const { path: next } of byPath.get(path)?.imports ?? []) {
        if (next === undefined || seen.has(next)) continue
        seen.add(next)
        open.push(next)
      }
    }
    return seen
  }
  assert.deepEqual(
    all.map(({ path }) => path).filter(path => reachable(path).has(path)),
    [],
  )
})

test('the product imports neither its tests nor the cluster that they run on', () => {
  const wrong = broken(
    all.filter(({ path }) => path.startsWith('src/')),
    (_from, { path }) => path !== undefined && /^(testing|test|demo|bench)\//.test(path),
  )
  assert.deepEqual(wrong, [])
  assert.deepEqual(
    broken(product, (_from, { path }) => path !== undefined && /\.test\.ts$|\/testdata\//.test(path)),
    [],
  )
})

test('lib, api, build and plan do no input or output: of Node they import hashes alone', () => {
  assert.deepEqual(
    broken(pure, (_from, { specifier }) => specifier.startsWith('node:') && specifier !== 'node:crypto'),
    [],
  )
  assert.deepEqual(
    broken(pure, (_from, { kind }) => kind === 'lazy'),
    [],
  )
})

test('lib, api, build and plan know no clock, no environment and no chance', () => {
  const impure =
    /\bprocess\.|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\brandom(UUID|Bytes|Int)\b|\bset(Timeout|Interval|Immediate)\b|\bperformance\.|\bfetch\(|\bconsole\./
  assert.deepEqual(
    pure.flatMap(({ path, code }) => {
      const found = impure.exec(code)
      return found ? [`${path}: uses ${found[0]}`] : []
    }),
    [],
  )
})

test('the environment is read where the program starts, and nowhere else', () => {
  const wrong = product.filter(
    ({ path, code }) => code.includes('process.env') && layerOf(path) !== 'cli' && path !== 'src/plugin/main.ts',
  )
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  )
})

test('no module of the product has mutable state', () => {
  const wrong = product.filter(({ code }) => /^(export )?(let|var) /m.test(code))
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  )
})

/** Packages that come to be loaded from `roots`, each with the chain of files that leads to it. */
function reached(roots: readonly string[], kinds: readonly Import['kind'][]): ReadonlyMap<string, string> {
  const byPath = new Map(all.map(source => [source.path, source]))
  const packages = new Map<string, string>()
  const seen = new Set<string>()
  const visit = (path: string, chain: string): void => {
    if (seen.has(path)) return
    seen.add(path)
    for (const { specifier, path: next, kind } of byPath.get(path)?.imports ?? []) {
      if (!kinds.includes(kind)) continue
      if (next !== undefined) visit(next, `${chain} > ${next}`)
      else if (!specifier.startsWith('node:')) packages.set(specifier, `${chain} > ${specifier}`)
    }
  }
  for (const root of roots) visit(root, root)
  return packages
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

test('the programs load packages that they are shipped with, so never zod', () => {
  const packages = reached(['src/cli/main.ts', 'src/plugin/main.ts'], ['value', 'lazy'])
  assert.ok(packages.size > 0)
  assert.ok(!Object.hasOwn(manifest.dependencies, 'zod'))
  const missing = [...packages].filter(([name]) => !Object.hasOwn(manifest.dependencies, packageOf(name)))
  assert.deepEqual(
    missing.map(([, chain]) => chain),
    [],
  )
})

test('the operator has nothing of the plugin', () => {
  assert.deepEqual(
    broken(product, ({ path }, to) => layerOf(path) !== 'plugin' && layerOf(to.path ?? '') === 'plugin'),
    [],
  )
})

test('libraries of clouds and clusters are loaded by whoever needs them, not at the start', () => {
  const atStart = reached(['src/cli/main.ts', 'src/cli/manager.ts'], ['value'])
  assert.ok(atStart.has('pino'))
  const heavy = [...atStart].filter(([name]) => /^@(kubernetes|aws-sdk|smithy)\//.test(name))
  assert.deepEqual(
    heavy.map(([, chain]) => chain),
    [],
  )
})

test(`no file has more than ${MAX_LINES} lines`, () => {
  const long = all.filter(source => !isGenerated(source) && source.text.split('\n').length - 1 > MAX_LINES)
  assert.deepEqual(
    long.map(({ path }) => path),
    [],
  )
})

test('every file begins by saying what it does', () => {
  const wrong = all.filter(({ text }) => !/^(#!.*\n)?\/\*\*\s[^]*?\w/.test(text))
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  )
})

test('no doc comment is empty or a single word', () => {
  const wrong = all.flatMap(({ path, text }) =>
    [...text.matchAll(/^[ \t]*\/\*\*(?!\/)([^]*?)\*\//gm)]
      .filter(([, comment = '']) => comment.replaceAll(/^[\s*]+|[\s*]+$/g, '').split(/\s+/).length < 2)
      .map(([comment]) => `${path}: ${comment.trim()}`),
  )
  assert.deepEqual(wrong, [])
})

test('no comment has a TODO', () => {
  const wrong = all.filter(
    ({ path, text }) => path !== 'test/unit/architecture.test.ts' && /\b(TODO|FIXME|XXX|HACK)\b/.test(text),
  )
  assert.deepEqual(
    wrong.map(({ path }) => path),
    [],
  )
})

type Reasons = Readonly<Record<string, Readonly<Record<string, Reason>>>>

test('every condition and every reason is in the reference', () => {
  const reference = readFileSync(join(ROOT, 'docs/reference/conditions.md'), 'utf8')
  const [nodes = '', pools = ''] = reference.split('## SeiNodePool')
  const kinds: readonly (readonly [text: string, byType: Reasons])[] = [
    [nodes, NODE_REASONS],
    [pools, POOL_REASONS],
  ]
  for (const [text, byType] of kinds) {
    for (const [type, reasons] of Object.entries(byType)) {
      const section = text.split(`### ${type}\n`)[1]?.split('\n### ')[0] ?? ''
      for (const [reason, { meaning }] of Object.entries(reasons)) {
        assert.ok(section.includes(`| ${reason} |`) && section.includes(meaning), `${type} ${reason} is not described`)
      }
    }
  }
})
