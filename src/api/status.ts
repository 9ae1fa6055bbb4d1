/** Schemas that the statuses of both kinds share. */
import { z } from 'zod'
import { MAX_CONDITION_MESSAGE } from './limits.ts'
import { NEVER_OBSERVED } from './names.ts'
import { int64, timestamp } from './scalars.ts'

export const phase = z.enum(['Pending', 'Initializing', 'Running', 'Halted', 'Failed', 'Terminating'])

export const condition = z.object({
  type: z.string().max(316).describe('What the condition is about.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  observedGeneration: int64(0).describe('metadata.generation that the condition was set for.').exactOptional(),
  lastTransitionTime: timestamp.describe('When status changed last.'),
  reason: z.string().max(1024).describe('Why, as one word for programs.'),
  message: z.string().max(MAX_CONDITION_MESSAGE).describe('Why, for people, with what to do.'),
})

export const conditions = z
  .array(condition.describe('One condition.'))
  .max(16)
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })

export const observedGeneration = int64(NEVER_OBSERVED)
  .describe('metadata.generation that this status belongs to; -1 before the first reconcile.')
  .meta({ default: NEVER_OBSERVED })

export type Phase = z.infer<typeof phase>
export type Condition = z.infer<typeof condition>
