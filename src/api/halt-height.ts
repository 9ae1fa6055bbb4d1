/** The height at which a node halts: `haltHeight`, and the rules on it. */
import type { Rule } from './rules.ts'
import { int64 } from './scalars.ts'

export const haltHeight = int64(1).describe(
  'The last block that a node commits: seid ends after it and is not started again. A change restarts the pod. Default: none.',
)

/** seid's own setting is no hold, since seid commits one more block each time that it is started again. */
export function haltRules(field: string): readonly Rule[] {
  const path = field === '' ? 'self' : `self.${field}`
  const overrides = `${path}.overrides`
  return [
    {
      rule: `!has(${path}.haltHeight) || !has(${overrides}) || !("chain.halt_height" in ${overrides})`,
      message: 'overrides must not set chain.halt_height beside haltHeight, which takes precedence: remove one of them',
      fieldPath: field === '' ? '.overrides' : `.${field}.overrides`,
      reason: 'FieldValueForbidden',
    },
  ]
}
