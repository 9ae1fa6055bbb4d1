/** `spec.storage.autoGrow` of both kinds, by which data volumes grow before they are full: `autoGrow`, `autoGrowRules`. */
import { z } from 'zod'
import { type Rule, withRules } from './rules.ts'
import { int32, leastDuration, volumeSizeOf } from './scalars.ts'

const BY_MESSAGE =
  'by must be a percentage from "1%" to "100%", or a quantity of at least 1Gi with its unit, such as 100Gi'

const by = withRules(z.union([z.int(), z.string().max(32)]).meta({ 'x-kubernetes-int-or-string': true }), {
  rule: `string(self).endsWith("%") ? string(self).matches("^([1-9][0-9]?|100)%$") : isQuantity(string(self)) && !quantity(string(self)).isLessThan(quantity("1Gi"))`,
  message: BY_MESSAGE,
})

export const autoGrow = z.object({
  whenUsedPercent: int32(50, 95)
    .describe('Grow the volume when this share of it, or of its inodes, is in use, in percent. Default: 80.')
    .default(80),
  by: by
    .describe('How much a growth adds: a percentage of the capacity, or a quantity such as 500Gi. Default: 20%.')
    .default('20%'),
  maxSize: volumeSizeOf('maxSize').describe('The volume never grows above this size, such as 4000Gi.'),
  coolDown: leastDuration('1m')
    .describe(
      'The least time from one growth to the next. Default: 6h, since EBS modifies a volume at most once in 6 hours.',
    )
    .default('6h'),
})

export type AutoGrow = z.infer<typeof autoGrow>

/** Rules on a `storage` that may have `autoGrow`. */
export const autoGrowRules: readonly Rule[] = [
  {
    rule: `!has(self.autoGrow) || !has(self.size) || !isQuantity(string(self.size)) || !isQuantity(string(self.autoGrow.maxSize)) ||
!quantity(string(self.autoGrow.maxSize)).isLessThan(quantity(string(self.size)))`.replaceAll('\n', ' '),
    message: 'autoGrow.maxSize must not be below size: a volume cannot shrink',
    fieldPath: '.autoGrow.maxSize',
    reason: 'FieldValueInvalid',
  },
]
