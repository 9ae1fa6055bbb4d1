/** The command `genesis patch`, a step of the genesis Job that runs in the operator's image: `genesisPatch`. */
import { createHash } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GenesisError } from '../build/genesis/genesis-error.ts'
import type { ParamValue } from '../build/genesis/param-value.ts'
import { patchedGenesis } from '../build/genesis/patch-genesis.ts'
import { REFUSED_EXIT_CODE } from '../build/pool/job.ts'

export interface GenesisPatch {
  /** The genesis volume. */
  readonly dir: string
  /** JSON of spec.genesis.params, in one part or several. */
  readonly params: readonly string[]
}

export interface PatchOutcome {
  /** 0, REFUSED_EXIT_CODE, or 1 for a temporary failure. */
  readonly exitCode: number
  /** One sentence: the result or the error. */
  readonly message: string
}

/** Patches `.work/genesis.json` and writes its hash to a file beside it. Does nothing if a genesis is published. */
export function genesisPatch({ dir, params }: GenesisPatch): PatchOutcome {
  try {
    return { exitCode: 0, message: patchVolume(dir, params) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { exitCode: error instanceof GenesisError ? REFUSED_EXIT_CODE : 1, message }
  }
}

function patchVolume(dir: string, params: readonly string[]): string {
  const published = join(dir, 'genesis')
  if (existsSync(join(published, '.complete'))) return `${published} is published: nothing to do`
  const values = Object.assign({}, ...params.map(readParams))
  const path = join(dir, '.work/genesis.json')
  if (!existsSync(path)) throw new Error(`${path} does not exist: the ceremony comes first`)
  const text = patchedGenesis(readFileSync(path, 'utf8'), values)
  const hash = createHash('sha256').update(text).digest('hex')
  writeWhole(path, text)
  writeWhole(join(dir, '.work/genesis.sha256'), `${hash}\n`)
  return `${path} patched, SHA-256 ${hash}`
}

function readParams(text: string): Readonly<Record<string, ParamValue>> {
  const value = parsed(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongParams(text)
  const params: Record<string, ParamValue> = {}
  for (const [path, each] of Object.entries(value)) {
    if (typeof each !== 'number' && typeof each !== 'string') throw wrongParams(`${JSON.stringify(each)} at ${path}`)
    params[path] = each
  }
  return params
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw wrongParams(`${text}, which is no JSON`)
  }
}

function wrongParams(found: string): GenesisError {
  return new GenesisError(`--params: expected a JSON object of numbers and texts, found ${found}`)
}

/** Replaces a file atomically: readable only by its owner, and synced to disk before the rename. */
function writeWhole(path: string, text: string): void {
  const temporary = `${path}.new`
  const file = openSync(temporary, 'w', 0o600)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}
