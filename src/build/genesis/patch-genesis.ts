/** What the operator writes into a genesis file: `patchedGenesis` sets a pool's parameters and the list of validators. */
import { clip } from '../../lib/clip.ts'
import type { JsonSpan } from '../../lib/json-text.ts'
import { addJsonMember, jsonChildren, jsonMembers, jsonRoot, replaceJson } from '../../lib/json-text.ts'
import { GenesisError } from './genesis-error.ts'
import type { ParamValue } from './param-value.ts'
import { paramText } from './param-value.ts'
import { genesisValidators } from './validators.ts'

/** What parameters may not reach, with what decides it instead. */
const DECIDED_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['chain_id', 'it is spec.chainId'],
  ['validators', 'they are made of the genesis transactions'],
  ['app_state.genutil', 'its transactions are signed by the validators'],
])
const SHOWN = 400

/**
 * The genesis file with the parameters and the validators; every other byte is as it was. The same again when it is
 * patched again. Throws a GenesisError that names the path, what was found and what is allowed; a SyntaxError where the
 * text is no JSON.
 */
export function patchedGenesis(genesis: string, params: Readonly<Record<string, ParamValue>>): string {
  // A parent before what is in it.
  const paths = Object.keys(params).toSorted((a, b) => depthOf(a) - depthOf(b) || (a < b ? -1 : 1))
  let text = genesis
  for (const path of paths) {
    const value = params[path]
    if (value === undefined) continue
    refuseDecided(path)
    const span = find(text, path)
    text = replaceJson(text, span, paramText(path, value, span.kind))
  }
  return withValidators(text)
}

function withValidators(text: string): string {
  const root = jsonRoot(text)
  const validators = genesisValidators(text, root)
  const there = jsonMembers(text, root).get('validators')
  return there ? replaceJson(text, there, validators) : addJsonMember(text, root, 'validators', validators)
}

function refuseDecided(path: string): void {
  for (const [prefix, reason] of DECIDED_ELSEWHERE) {
    const isWithin = path === prefix || path.startsWith(`${prefix}.`)
    const isAround = prefix.startsWith(`${path}.`)
    if (!isWithin && !isAround) continue
    throw new GenesisError(
      `spec.genesis.params: ${path} cannot be set${isAround ? ` because it holds ${prefix}` : ''}: ${reason}`,
    )
  }
}

/** Keys of objects and numbers of list items, from the outside in. */
function find(text: string, path: string): JsonSpan {
  let at = jsonRoot(text)
  let walked = 'genesis.json'
  for (const key of path.split('.')) {
    const children = jsonChildren(text, at)
    const next = children.get(key)
    if (!next)
      throw new GenesisError(
        `spec.genesis.params: ${path} is not in genesis.json: ${whatIs(walked, at, [...children.keys()])}`,
      )
    walked = walked === 'genesis.json' ? key : `${walked}.${key}`
    at = next
  }
  return at
}

function whatIs(path: string, { kind }: JsonSpan, keys: readonly string[]): string {
  if (kind === 'object') return keys.length === 0 ? `${path} is empty` : clip(`${path} has ${keys.join(', ')}`, SHOWN)
  if (kind === 'list') return `${path} is a list of ${keys.length}, with items from number 0`
  return `${path} is a ${kind}, with nothing in it`
}

function depthOf(path: string): number {
  return path.split('.').length
}
