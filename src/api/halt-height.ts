/** The height at which a node halts: `haltHeight`, and the rules on it. */
import type { Rule } from './rules.ts'
import { int64 } from './scalars.ts'

export const haltHeight = int64(1).describe(
  'The last block that a node commits: seid ends after it and is not started again. A change restarts the pod. Default: none.',
)

const HALT_OVERRIDE = 'chain.halt_height'

/** seid's own setting is no hold, since seid commits one more block each time that it is started again. */
export function haltRules(field: string): readonly Rule[] {
  const path = field === '' ? 'self' : `self.${field}`
  const at = field === '' ? '' : `.${field}`
  const rule = (allows: string, what: string, fieldPath: string): Rule => ({
    rule: `!has(${path}.haltHeight) || ${allows}`,
    message: `${what} must not set ${HALT_OVERRIDE} beside haltHeight, which takes precedence: remove one of them`,
    fieldPath: `${at}${fieldPath}`,
    reason: 'FieldValueForbidden',
  })
  return [
    rule(isAbsent(`${path}.overrides`), 'overrides', '.overrides'),
    rule(
      `!has(${path}.upgrades) || ${path}.upgrades.all(u, ${isAbsent('u.overrides')})`,
      'overrides of an upgrade',
      '.upgrades',
    ),
  ]
}

/** CEL that is true where overrides do not have it. */
function isAbsent(overrides: string): string {
  return `!has(${overrides}) || !("${HALT_OVERRIDE}" in ${overrides})`
}
