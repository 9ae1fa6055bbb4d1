/** CEL rules on changes of a data volume's settings, for a spec with `storage`: `storageRules`. */
import type { Rule } from './rules.ts'

const storageClass = (self: string): string =>
  `(has(${self}.storage) && has(${self}.storage.storageClassName) ? ${self}.storage.storageClassName : "")`

export const storageRules: readonly Rule[] = [
  // The class of a claim is immutable.
  {
    rule: `${storageClass('self')} == ${storageClass('oldSelf')}`,
    message:
      'storage.storageClassName is immutable, and cannot be added or removed: a volume keeps its class; create another object and move the data',
    fieldPath: '.storage.storageClassName',
    reason: 'FieldValueForbidden',
  },
]
