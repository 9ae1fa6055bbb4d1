/** How a data volume's settings may change, as CEL on a spec that holds `storage`: `storageRules`. */
import type { Rule } from './rules.ts'

const size = (self: string): string => `quantity(string(${self}.storage.size))`
const hasSize = (self: string): string => `has(${self}.storage) && has(${self}.storage.size)`
const storageClass = (self: string): string =>
  `(has(${self}.storage) && has(${self}.storage.storageClassName) ? ${self}.storage.storageClassName : "")`

export const storageRules: readonly Rule[] = [
  // A volume cannot shrink. A size that is no quantity is refused by the field's own rule.
  {
    rule: `!(${hasSize('oldSelf')}) || !(${hasSize('self')}) || !isQuantity(string(self.storage.size)) || !${size('self')}.isLessThan(${size('oldSelf')})`,
    message: 'storage.size may only grow: a volume cannot shrink',
    fieldPath: '.storage.size',
    reason: 'FieldValueForbidden',
  },
  // Without a size the platform's default would apply, which may be smaller.
  {
    rule: `!(${hasSize('oldSelf')}) || (${hasSize('self')})`,
    message: 'storage.size cannot be removed once it is set: leave it, or raise it',
    fieldPath: '.storage.size',
    reason: 'FieldValueForbidden',
  },
  // A claim keeps its class for life.
  {
    rule: `${storageClass('self')} == ${storageClass('oldSelf')}`,
    message:
      'storage.storageClassName is immutable, and cannot be added or removed: a volume keeps its class; create another object and move the data',
    fieldPath: '.storage.storageClassName',
    reason: 'FieldValueForbidden',
  },
]
