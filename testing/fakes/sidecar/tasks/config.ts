/** config-apply and config-validate. */
import { isRecord } from '../../../../src/sidecar/task-result.ts'
import { applyOverrides, freshConfig, MODES, problemsOf, readConfig, writeConfig } from '../config.ts'
import type { SeiConfig } from '../config.ts'
import type { Params } from '../task-table.ts'
import { messageOf, text } from './task.ts'
import type { TaskContext, TaskHandler } from './task.ts'

/** Full: both files from the mode's defaults. Incremental: the existing files. Both with the overrides on top. */
export const configApply: TaskHandler = async (params, context) => {
  const mode = text(params, 'mode')
  const isIncremental = params['incremental'] === true
  const config = isIncremental ? current(mode, context) : fresh(mode, context)
  const title = isIncremental
    ? 'config-apply incremental: applying incremental overrides'
    : 'config-apply: applying overrides'
  wrap(title, () => applyOverrides(config, overridesOf(params)))
  const problems = problemsOf(config, context.profile)
  if (problems.length > 0) throw new Error(`config validation failed: ${JSON.stringify(problems)}`)
  writeConfig(context.home, config)
}

export const configValidate: TaskHandler = async (_params, { home, profile }) => {
  const config = wrap('config-validate: reading config', () => readConfig(home))
  const diagnostics = problemsOf(config, profile)
  if (diagnostics.length === 0) return
  throw new Error(`config validation failed: ${JSON.stringify({ valid: false, diagnostics })}`)
}

function overridesOf({ overrides }: Params): Readonly<Record<string, string>> {
  if (!isRecord(overrides)) return {}
  return Object.fromEntries(Object.entries(overrides).map(([key, value]) => [key, String(value)]))
}

function current(mode: string, { home }: TaskContext): SeiConfig {
  const config = wrap('config-apply incremental: reading current config', () => readConfig(home))
  return mode === '' ? config : { ...config, mode }
}

function fresh(mode: string, { environment, profile }: TaskContext): SeiConfig {
  if (mode === '') throw new Error('config-apply: mode is required for non-incremental config resolution')
  if (!MODES.includes(mode)) throw new Error(`config-apply: invalid mode ${JSON.stringify(mode)}`)
  return freshConfig(mode, environment.hostname, profile)
}

function wrap<T>(title: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw new Error(`${title}: ${messageOf(error)}`, { cause: error })
  }
}
