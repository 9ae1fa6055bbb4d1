/** Sidecar tasks that take their time, as they do in the demo: `taskDurations`. */
import type { TaskBehaviour } from '../sidecar/index.ts'

/** Milliseconds by task type; `*` stands for the types not named, 0 where it is absent too. */
export function taskDurations(byType: Readonly<Record<string, number>>): TaskBehaviour {
  return type => {
    const durationMs = byType[type] ?? byType['*'] ?? 0
    return durationMs === 0 ? undefined : { durationMs }
  }
}
