/** Sets a pool's parameters and validators in a genesis file: `patchedGenesis`. */
import { clip } from '../../lib/clip.ts'
import { childrenOf, formatExact, type JsonKind, kindOf, parseExact, setChild, valueAt } from '../../lib/exact-json.ts'
import { GenesisError } from './genesis-error.ts'
import { type ParamValue, paramValue } from './param-value.ts'
import { genesisValidators } from './validators.ts'

/** Paths that parameters may not set, with what sets them instead. */
const DECIDED_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['chain_id', 'it is spec.chainId'],
  ['validators', 'they are made of the genesis transactions'],
  ['app_state.genutil', 'its transactions are signed by the validators'],
])
const SHOWN = 400

/**
 * Returns the genesis file with the parameters and the validators. All other values are unchanged, numbers to the last
 * digit. Idempotent. Throws a GenesisError that names the path, what was found and what is allowed, or a SyntaxError where
 * the text is not JSON.
 */
export function patchedGenesis(text: string, params: Readonly<Record<string, ParamValue>>): string {
  const genesis = parseExact(text)
  // Sets a parent before its children.
  const paths = Object.keys(params).toSorted((a, b) => depthOf(a) - depthOf(b) || (a < b ? -1 : 1))
  for (const path of paths) {
    const value = params[path]
    if (value !== undefined) setParam(genesis, path, value)
  }
  return formatExact(Object.assign({}, genesis, { validators: genesisValidators(genesis) }))
}

function setParam(genesis: unknown, path: string, value: ParamValue): void {
  refuseDecided(path)
  const keys = path.split('.')
  const found = find(genesis, path)
  setChild(valueAt(genesis, keys.slice(0, -1)), keys.at(-1) ?? '', paramValue(path, value, kindOf(found)))
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

/** Object keys and list indexes, outermost first. */
function find(genesis: unknown, path: string): unknown {
  let at = genesis
  let walked = 'genesis.json'
  for (const key of path.split('.')) {
    const children = childrenOf(at)
    if (!children.has(key)) {
      const found = whatIs(walked, kindOf(at), [...children.keys()])
      throw new GenesisError(`spec.genesis.params: ${path} is not in genesis.json: ${found}`)
    }
    walked = walked === 'genesis.json' ? key : `${walked}.${key}`
    at = children.get(key)
  }
  return at
}

function whatIs(path: string, kind: JsonKind, keys: readonly string[]): string {
  if (kind === 'object') return keys.length === 0 ? `${path} is empty` : clip(`${path} has ${keys.join(', ')}`, SHOWN)
  if (kind === 'list') return `${path} is a list of ${keys.length}, with items from number 0`
  return `${path} is a ${kind}, with nothing in it`
}

function depthOf(path: string): number {
  return path.split('.').length
}
