/** What happens in a simulation beside the changes of objects: `Journal`. */

/** A task that a sidecar was sent, but for recurring work: the clock decides about its runs, not the manifest. */
export interface SentTask {
  readonly node: string
  readonly type: string
  readonly params: Readonly<Record<string, unknown>> | undefined
  /** `ready`: it lets seid start after a restart. */
  readonly part: 'bootstrap' | 'update' | 'ready'
}

export interface Restart {
  readonly node: string
  readonly pod: string
  /** Tasks of the node that were sent before it. */
  readonly tasksBefore: number
}

/** In the order of time. */
export class Journal {
  readonly tasks: SentTask[] = []
  readonly restarts: Restart[] = []
  /** Names of Jobs that ran. */
  readonly jobs: string[] = []

  /** Rises with every entry. */
  get length(): number {
    return this.tasks.length + this.restarts.length + this.jobs.length
  }

  tasksOf(node: string): readonly SentTask[] {
    return this.tasks.filter(task => task.node === node)
  }
}
