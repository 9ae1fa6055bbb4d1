/** config-apply, config-validate, config-reload and config-patch. */
import { applyOverrides, configKey, readConfig, writeConfig } from '../config/config.ts'
import type { SeiConfig } from '../config/config.ts'
import { defaultsFor, MODES } from '../config/defaults.ts'
import { validate } from '../config/rules.ts'
import type { Diagnostic } from '../config/rules.ts'
import { TomlFloat } from '../config/toml.ts'
import type { TomlScalar, TomlValue } from '../config/toml.ts'
import { goJson } from '../go-json.ts'
import { isObject } from '../params.ts'
import { messageOf, patchToml, reader } from './context.ts'
import type { TaskContext, TaskHandler } from './context.ts'

/** In full: both files anew from the mode's defaults. Incremental: what the files say, with the overrides on top. */
export const configApply: TaskHandler = async (params, context) => {
  const read = reader(params, context, 'ConfigIntent')
  const intent = {
    mode: read.string('mode'),
    incremental: read.boolean('incremental'),
    targetVersion: read.integer('targetVersion'),
    overrides: read.stringMap('overrides'),
  }
  const version = intent.targetVersion > 0 ? intent.targetVersion : context.profile.configVersion
  const config = intent.incremental ? current(context, intent.mode) : fresh(context, intent.mode, version)
  const title = intent.incremental
    ? 'config-apply incremental: applying incremental overrides'
    : 'config-apply: applying overrides'
  wrap(title, () => applyOverrides(config, intent.overrides, context.profile))
  failOnErrors(validate(config, version))
  writeConfig(context.home, config)
}

export const configValidate: TaskHandler = async (_params, context) => {
  const config = wrap('config-validate: reading config', () => readConfig(context.home, context.profile))
  const diagnostics = validate(config, context.profile.configVersion)
  if (!diagnostics.some(isError)) return
  const report = { valid: false, version: config.version, mode: config.mode, diagnostics }
  throw new Error(`config validation failed: ${goJson(report)}`)
}

export const configReload: TaskHandler = async (params, context) => {
  const fields = reader(params, context, 'configReloadParams').stringMap('fields')
  const names = Object.keys(fields)
  if (names.length === 0) throw new Error('config-reload: at least one field is required')
  const unknown = names.find(name => configKey(name) === undefined)
  if (unknown !== undefined) throw new Error(`config-reload: unknown field ${JSON.stringify(unknown)}`)
  const cold = names.filter(name => configKey(name)?.hot !== true)
  if (cold.length > 0) {
    throw new Error(`config-reload: fields [${cold.join(' ')}] are not hot-reloadable and require a restart`)
  }
  const config = wrap('config-reload: reading config', () => readConfig(context.home, context.profile))
  wrap('config-reload: applying fields', () => applyOverrides(config, fields, context.profile))
  failOnErrors(validate(config, context.profile.configVersion))
  writeConfig(context.home, config)
}

export const configPatch: TaskHandler = async (params, context) => {
  const files = reader(params, context, 'configPatchParams').object('files')
  if (Object.keys(files).length === 0 && context.profile.emptyPatch === 'fails') {
    throw new Error("config-patch: missing required param 'files'")
  }
  for (const [file, patch] of Object.entries(files)) {
    if (!isObject(patch)) throw new Error(`config-patch: value for ${JSON.stringify(file)} must be a map`)
    patchToml(context.home, file, new Map(flatten(patch, '')))
  }
}

function current(context: TaskContext, mode: string): SeiConfig {
  const read = (): SeiConfig => readConfig(context.home, context.profile)
  const config = wrap('config-apply incremental: reading current config', read)
  if (mode !== '') config.mode = mode
  return config
}

function fresh(context: TaskContext, mode: string, version: number): SeiConfig {
  if (mode === '') throw new Error('config-apply: mode is required for non-incremental config resolution')
  if (!MODES.includes(mode)) throw new Error(`config-apply: invalid mode ${JSON.stringify(mode)}`)
  return { ...defaultsFor(mode, context.hostname, context.profile), version }
}

function failOnErrors(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.some(isError)) throw new Error(`config validation failed: ${goJson(diagnostics)}`)
}

function isError(diagnostic: Diagnostic): boolean {
  return diagnostic.severity === 'ERROR'
}

function wrap<T>(title: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw new Error(`${title}: ${messageOf(error)}`, { cause: error })
  }
}

/** JSON numbers arrive as floats, integers included: `2000` is written as `2000.0`. */
function* flatten(value: Readonly<Record<string, unknown>>, prefix: string): Generator<[string, TomlValue | null]> {
  for (const [key, item] of Object.entries(value)) {
    const path = prefix + key
    if (isObject(item)) yield* flatten(item, `${path}.`)
    else yield [path, item === null ? null : Array.isArray(item) ? item.map(toToml) : toToml(item)]
  }
}

function toToml(value: unknown): TomlScalar {
  if (typeof value === 'number') return new TomlFloat(value)
  return typeof value === 'boolean' ? value : String(value)
}
