/** What the operator writes into a genesis file: `patchedGenesis` sets a pool's parameters and the list of validators. */
import { clip } from '../../lib/clip.ts'
import { childrenOf, formatExact, type JsonKind, kindOf, parseExact, setChild, valueAt } from '../../lib/exact-json.ts'
import { GenesisError } from './genesis-error.ts'
import { type ParamValue, paramValue } from './param-value.ts'
import { genesisValidators } from './validators.ts'

/** What parameters may not reach, with what decides it instead. */
const DECIDED_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['chain_id', 'it is spec.chainId'],
  ['validators', 'they are made of the genesis transactions'],
  ['app_state.genutil', 'its transactions are signed by the validators'],
])
const SHOWN = 400

/**
 * The genesis file with the parameters and the validators; every other value is as it was, numbers to the last digit. The
 * same again when it is patched again. Throws a GenesisError that names the path, what was found and what is allowed; a
 * SyntaxError where the text is no JSON.
 */
export function patchedGenesis(text: string, params: Readonly<Record<string, ParamValue>>): string {
  const genesis = parseExact(text)
  // A parent before what is in it.
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

/** Keys of objects and numbers of list items, from the outside in. */
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
