/** The guarded rules of both kinds: `nodeGuards`, `poolGuards`. */
import { homeRules } from './entrypoint-rules.ts'
import { guardedRules } from './guarded-rules.ts'
import { MAX_NODE_OVERRIDES_SIZE, MAX_PARAMS_SIZE, MAX_POOL_OVERRIDES_SIZE } from './limits.ts'
import type { Rule } from './rules.ts'
import { scheduleRules } from './schedule.ts'
import { overrideRules } from './managed-overrides.ts'

const nodeSpec = 'spec'
const poolNodeSpec = 'spec.nodeConfiguration'

export const nodeGuards: readonly Rule[] = [
  ...overrideRules(nodeSpec, MAX_NODE_OVERRIDES_SIZE),
  ...homeRules(nodeSpec),
  ...scheduleRules('spec.snapshotGeneration.schedule'),
  ...scheduleRules('spec.replayer.resultExport.schedule'),
].flatMap(guardedRules)

export const poolGuards: readonly Rule[] = [
  ...overrideRules(poolNodeSpec, MAX_POOL_OVERRIDES_SIZE),
  ...homeRules(poolNodeSpec),
  {
    field: 'spec.genesis.params',
    message: `params must not have more than ${MAX_PARAMS_SIZE} characters together: they travel as arguments of the ceremony's Job`,
    allows: (params: string, unchanged: () => string) =>
      `${params}.map(k, k.size() + string(${params}[k]).size()).sum() <= ${MAX_PARAMS_SIZE} || ${unchanged()}`,
  },
].flatMap(guardedRules)
