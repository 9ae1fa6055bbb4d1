/** How a data volume's settings may change, as CEL on a spec that holds `storage`: `storageRules`. */
import type { Rule } from './rules.ts'

const storageClass = (self: string): string =>
  `(has(${self}.storage) && has(${self}.storage.storageClassName) ? ${self}.storage.storageClassName : "")`

export const storageRules: readonly Rule[] = [
  // A claim keeps its class for life.
  {
    rule: `${storageClass('self')} == ${storageClass('oldSelf')}`,
    message:
      'storage.storageClassName is immutable, and cannot be added or removed: a volume keeps its class; create another object and move the data',
    fieldPath: '.storage.storageClassName',
    reason: 'FieldValueForbidden',
  },
]
