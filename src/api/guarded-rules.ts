/**
 * Rules for fields that stored objects may violate already: `guardedRules`. An update that does not change such a field is
 * accepted, so that other fields of the object can change and its finalizer can be removed. Kubernetes does this itself from
 * 1.30 on, but never for a rule on the whole object; 1.29 has no `optionalOldSelf`.
 */
import type { Rule } from './rules.ts'

/** CEL that is true where `value` is unchanged; with `key`, CEL of a map's key, where that entry is unchanged. */
export type Unchanged = (key?: string) => string

export interface GuardedField {
  /** From the object's root, such as `spec.overrides`. */
  readonly field: string
  /** CEL that is true where `value` is allowed. */
  readonly allows: (value: string, unchanged: Unchanged) => string
  readonly message: string
}

const isNew: Unchanged = () => 'false'

/** Rules for the root of a kind: one for creations, when an object has no status, and one for updates. */
export function guardedRules({ field, allows, message }: GuardedField): readonly Rule[] {
  const value = `self.${field}`
  const stored = `oldSelf.${field}`
  const isStored: Unchanged = key =>
    key === undefined
      ? `(${present('oldSelf', field)} && ${stored} == ${value})`
      : `(${present('oldSelf', field)} && ${key} in ${stored} && ${stored}[${key}] == ${value}[${key}])`
  const rule = (prefix: string, unchanged: Unchanged): Rule => ({
    rule: `${prefix}!(${present('self', field)}) || ${allows(value, unchanged)}`,
    message,
    fieldPath: `.${field}`,
    reason: 'FieldValueInvalid',
  })
  return [rule('has(self.status) || ', isNew), rule('', isStored)]
}

/** CEL that is true where `field` of `root` is present. `spec` and its required fields always are. */
function present(root: string, field: string): string {
  const parts = field.split('.')
  return parts
    .slice(1)
    .map((_, i) => `has(${root}.${parts.slice(0, i + 2).join('.')})`)
    .join(' && ')
}
