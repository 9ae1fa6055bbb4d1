/** The project's own source files and what each imports, read from their text: `sources`. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { ROOT } from '../../testing/root.ts'

export interface Import {
  /** As written: `../lib/quantity.ts`, `node:http`, `zod`. */
  readonly specifier: string
  /** Path from the root of the repository, for a file of the project. */
  readonly path: string | undefined
  /** `type`: gone at run time. `lazy`: loaded when the code that names it runs. */
  readonly kind: 'type' | 'value' | 'lazy'
}

export interface Source {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
  /** Without comments and texts of strings. */
  readonly code: string
  readonly imports: readonly Import[]
}

const FOLDERS = ['src', 'testing', 'test', 'demo', 'bench', 'hack']

/** Every TypeScript file of the project. */
export function sources(): readonly Source[] {
  const paths = FOLDERS.flatMap(folder => globSync(`${folder}/**/*.ts`, { cwd: ROOT }))
  return paths.toSorted().map(path => {
    const text = readFileSync(join(ROOT, path), 'utf8')
    return { path, text, code: codeOf(text), imports: importsOf(path, text) }
  })
}

export function isGenerated({ path }: Source): boolean {
  return path.endsWith('.gen.ts')
}

export function isTest({ path }: Source): boolean {
  return path.endsWith('.test.ts') || path.includes('/testdata/')
}

/** `src/plan/bootstrap.ts` is in folder `plan` of src. */
export function layerOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1]
}

const STATIC = /^(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s+)?'([^']+)'/gm
const DYNAMIC = /\bimport\('([^']+)'\)/g

function importsOf(path: string, text: string): readonly Import[] {
  const found: Import[] = []
  const resolve = (specifier: string): string | undefined =>
    specifier.startsWith('.') ? relative(ROOT, join(ROOT, dirname(path), specifier)) : undefined
  for (const [, type, specifier = ''] of text.matchAll(STATIC)) {
    found.push({ specifier, path: resolve(specifier), kind: type === undefined ? 'value' : 'type' })
  }
  for (const [, specifier = ''] of text.matchAll(DYNAMIC)) {
    found.push({ specifier, path: resolve(specifier), kind: 'lazy' })
  }
  return found
}

const NOT_CODE = /\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*|'(?:\\.|[^'\\\n])*'/g

function codeOf(text: string): string {
  return text.replaceAll(NOT_CODE, match => (match.startsWith("'") ? "''" : ''))
}
