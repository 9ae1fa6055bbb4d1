/**
 * Rules of fields that objects had before the rule came: `guardedRules`. An update that leaves such a field as it is is
 * accepted, so that a stored object can be changed in other respects and lose its finalizer. Kubernetes does that by itself
 * from 1.30 on, and never for a rule of the whole object; `optionalOldSelf` does not exist on 1.29.
 */
import type { Rule } from './rules.ts'

/** CEL that is true where `value` is as it is stored; with `key`, CEL of a map's key, where that entry is. */
export type Unchanged = (key?: string) => string

export interface GuardedField {
  /** From the object's root, such as `spec.overrides`. */
  readonly field: string
  /** CEL that is true where `value` is allowed. */
  readonly allows: (value: string, unchanged: Unchanged) => string
  readonly message: string
}

const isNew: Unchanged = () => 'false'

/** For the root of a kind: one rule for a creation, which is when an object has no status, and one for updates. */
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

/** CEL that is true where `field` of `root` is there; `spec` always is, and what is required below it. */
function present(root: string, field: string): string {
  const parts = field.split('.')
  return parts
    .slice(1)
    .map((_, i) => `has(${root}.${parts.slice(0, i + 2).join('.')})`)
    .join(' && ')
}
