/** A prediction in which nothing happens, for tests. */
import type { Prediction } from '../predict.ts'

export const NOTHING: Prediction = {
  action: 'none',
  fields: [],
  objects: [],
  tasks: [],
  recurring: [],
  restarts: [],
  jobs: [],
  conditions: [],
  placeholders: new Map(),
  failures: [],
  isSettled: true,
}
