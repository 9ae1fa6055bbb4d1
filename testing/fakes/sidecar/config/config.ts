/** The configuration of one node as sei-config sees it: `SeiConfig` is read from and written to config.toml and app.toml, and takes overrides. */
import { assertNever } from '../../../../src/lib/assert-never.ts'
import { parseGoDuration } from '../../../../src/lib/go-duration.ts'
import type { Home } from '../home.ts'
import type { Profile } from '../profile.ts'
import { CONFIG_KEYS, UNWRITTEN_KEYS } from './keys.ts'
import type { ConfigKey, KeyType } from './keys.ts'
import { parseToml, printToml, TomlFloat } from './toml.ts'
import type { TomlDocument, TomlValue } from './toml.ts'

export type ConfigValue = string | number | boolean | readonly string[]

export interface SeiConfig {
  mode: string
  version: number
  readonly values: Map<string, ConfigValue>
}

const KEYS_BY_NAME = new Map(CONFIG_KEYS.map(key => [key.key, key]))
const ABSENT: Readonly<Record<KeyType, ConfigValue>> = {
  string: '',
  duration: '',
  int: 0,
  uint: 0,
  float: 0,
  bool: false,
  list: [],
  csv: [],
}

/** Throws where a file is missing or holds a value of another type: `reading PATH: ...`. */
export function readConfig(home: Home, profile: Profile): SeiConfig {
  const tendermint = readFile(home, 'config.toml')
  const app = readFile(home, 'app.toml')
  const values = new Map<string, ConfigValue>()
  for (const key of CONFIG_KEYS) {
    const found = (key.file === 'config.toml' ? tendermint : app).get(key.path)
    if (found !== undefined) values.set(key.key, decode(key, found, home, profile))
    else if (!key.optional) values.set(key.key, ABSENT[key.type])
  }
  const version = app.get('sei.version')
  return {
    mode: text(app.get('sei.mode')) || text(tendermint.get('mode')),
    version: typeof version === 'number' ? version : profile.configVersion,
    values,
  }
}

/** Both files, from nothing: keys that are not modelled are lost, as in seictl. */
export function writeConfig(home: Home, config: SeiConfig): void {
  // Tendermint does not know archive nodes; the real mode is kept in app.toml.
  const mode = config.mode === 'archive' ? 'full' : config.mode
  const tendermint: TomlDocument = new Map([['mode', mode]])
  const app: TomlDocument = new Map()
  for (const key of CONFIG_KEYS) {
    const value = config.values.get(key.key) ?? (key.optional ? undefined : ABSENT[key.type])
    if (value === undefined) continue
    ;(key.file === 'config.toml' ? tendermint : app).set(key.path, encode(key.type, value))
  }
  // A list of pairs, which no override can set; seid does not start without it.
  app.set('telemetry.global-labels', [])
  app.set('sei.mode', config.mode)
  app.set('sei.version', config.version)
  home.write('config/config.toml', printToml(tendermint))
  home.write('config/app.toml', printToml(app))
}

/** Throws at the first override that seictl would not take. */
export function applyOverrides(config: SeiConfig, overrides: Readonly<Record<string, string>>, profile: Profile): void {
  for (const [name, value] of Object.entries(overrides)) {
    if (UNWRITTEN_KEYS.includes(name)) continue
    const key = KEYS_BY_NAME.get(name)
    if (key === undefined) throw new Error(`unknown override key ${JSON.stringify(name)}`)
    try {
      config.values.set(name, fromOverride(key.type, value, profile))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`applying override ${JSON.stringify(name)}=${JSON.stringify(value)}: ${why}`, { cause: error })
    }
  }
}

export function configKey(name: string): ConfigKey | undefined {
  return KEYS_BY_NAME.get(name)
}

function readFile(home: Home, name: string): TomlDocument {
  const path = `${home.root}/config/${name}`
  const content = home.read(`config/${name}`)
  if (content === undefined) throw new Error(`reading ${path}: open ${path}: no such file or directory`)
  try {
    return parseToml(content)
  } catch (error) {
    throw new Error(`reading ${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

function decode(key: ConfigKey, found: TomlValue, home: Home, profile: Profile): ConfigValue {
  const wrong = (): Error => {
    const wanted = key.type === 'bool' ? 'boolean' : key.type === 'int' || key.type === 'uint' ? 'integer' : key.type
    const types = `TOML value has type ${tomlType(found)}; destination has type ${wanted}`
    return new Error(`reading ${home.root}/config/${key.file}: toml: incompatible types: ${types}`)
  }
  switch (key.type) {
    case 'string':
    case 'duration':
      if (typeof found === 'string') return found
      break
    case 'csv':
      if (typeof found === 'string') return found === '' ? [] : found.split(',')
      break
    case 'list':
      if (Array.isArray(found)) return found.map(String)
      break
    case 'bool':
      if (typeof found === 'boolean') return found
      if (!profile.strictToml && (found === 'true' || found === 'false')) return found === 'true'
      break
    case 'int':
    case 'uint':
      if (typeof found === 'number') return found
      if (!profile.strictToml && found instanceof TomlFloat) return Math.trunc(found.value)
      if (!profile.strictToml && typeof found === 'string' && /^-?\d+$/.test(found)) return Number(found)
      break
    case 'float':
      if (typeof found === 'number') return found
      if (found instanceof TomlFloat) return found.value
      break
  }
  throw wrong()
}

function encode(type: KeyType, value: ConfigValue): TomlValue {
  if (type === 'csv' && typeof value === 'object') return value.join(',')
  return type === 'float' && typeof value === 'number' ? new TomlFloat(value) : value
}

function fromOverride(type: KeyType, value: string, profile: Profile): ConfigValue {
  switch (type) {
    case 'string':
      return value
    case 'duration':
      if (parseGoDuration(value) === undefined) throw new Error(`time: invalid duration ${JSON.stringify(value)}`)
      return value
    case 'bool':
      return booleanFrom(value)
    case 'int':
    case 'uint':
    case 'float':
      return numberFrom(value, type)
    case 'list':
    case 'csv':
      if (!profile.listOverrides) throw new Error('unsupported field type: []string')
      return value === '' ? [] : value.split(',').map(item => item.trim())
    default:
      return assertNever(type)
  }
}

function booleanFrom(value: string): boolean {
  const word = value.toLowerCase()
  if (word === 'true' || word === '1' || word === 'yes') return true
  if (word === 'false' || word === '0' || word === 'no') return false
  throw new Error(`invalid bool value: ${JSON.stringify(value)}`)
}

const NUMBERS = { int: /^\s*[+-]?\d+/, uint: /^\s*\d+/, float: /^\s*[+-]?(\d+\.?\d*|\.\d+)/ }

/** Go's `fmt.Sscanf("%d")`: leading digits are enough. */
function numberFrom(value: string, type: keyof typeof NUMBERS): number {
  if (value.trim() === '') throw new Error('EOF')
  const digits = NUMBERS[type].exec(value)?.[0]
  if (digits === undefined) throw new Error('expected integer')
  return Number(digits)
}

function tomlType(value: TomlValue): string {
  if (value instanceof TomlFloat) return 'float64'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' ? 'integer' : typeof value
}

function text(value: TomlValue | undefined): string {
  return typeof value === 'string' ? value : ''
}
