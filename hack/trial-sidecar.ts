/** The fake sidecar under trial, and buckets that take note of what is read and written: `Sidecar`, `WatchedObjects`. */
import type { TaskPlan } from '../src/api/seinode-status.ts'
import type { SeiNode } from '../src/api/seinode.ts'
import { nodeSettings } from '../src/build/node-settings.ts'
import { sidecarContainer } from '../src/build/sidecar-container.ts'
import { readPlatform } from '../src/cli/environment.ts'
import { runNodePlan } from '../src/controllers/seinode/sidecar/run-plans.ts'
import { knowsTask } from '../src/controllers/seinode/sidecar/recurring.ts'
import { PlanCursor } from '../src/controllers/seinode/sidecar/submission.ts'
import { createPeerResolver } from '../src/peers/resolve-peers.ts'
import { bootstrapTasks } from '../src/plan/bootstrap.ts'
import { recurringTasks } from '../src/plan/recurring.ts'
import { newPlan } from '../src/plan/task-plan.ts'
import { systemClock } from '../src/runtime/clock.ts'
import type { SidecarClient, TaskResult } from '../src/sidecar/client.ts'
import { createSidecarDialer } from '../src/sidecar/http-client.ts'
import { createFakeSidecar, type FakeSidecarOptions, type Home, MemoryHome } from '../testing/fakes/sidecar/index.ts'
import { helpfulWorld, type ObjectPlace, type ObjectStore } from '../testing/fakes/sidecar/world.ts'

const PLAN_ID = '3b241101-e2bb-4255-8caf-4136c566a962'
const platform = readPlatform({})
const { signal } = new AbortController()
/** EC2 with one instance, on which seid answers. */
const peers = createPeerResolver({
  listInstances: () => Promise.resolve(['10.0.0.1']),
  fetchNodeID: () => Promise.resolve('0123456789abcdef0123456789abcdef01234567'),
  now: () => 0,
})

/** A task as it was last seen. */
export type TaskEnd = Pick<TaskResult, 'id' | 'status' | 'error'>

interface SidecarOptions extends Omit<FakeSidecarOptions, 'home' | 'env'> {
  readonly node: SeiNode
  readonly home?: Home
}

/** How many times a task that runs is asked about before it is taken to run for ever: what ends here ends at once. */
const POLLS = 10

/** A sidecar under trial, driven by the operator's own plan runner. */
export class Sidecar implements AsyncDisposable {
  readonly client: SidecarClient
  readonly #node: SeiNode
  readonly #stop: () => Promise<void>

  private constructor(node: SeiNode, client: SidecarClient, stop: () => Promise<void>) {
    this.#node = node
    this.client = client
    this.#stop = stop
  }

  /** With the environment that the operator gives it. */
  static async start({ node, home = new MemoryHome(), ...options }: SidecarOptions): Promise<Sidecar> {
    const { env = [] } = sidecarContainer(node, nodeSettings(node, platform), platform)
    const variables = Object.fromEntries(env.map(({ name, value }) => [name, value]))
    const fake = createFakeSidecar({ ...options, home, env: variables })
    const dialer = createSidecarDialer()
    const client = dialer(await fake.listen('127.0.0.1', 0))
    return new Sidecar(node, client, async () => {
      dialer.close()
      await fake.close()
    })
  }

  /** The plan once it is over. */
  async bootstrap(plan: TaskPlan = newPlan(bootstrapTasks(this.#node.spec), 'volume')): Promise<TaskPlan> {
    const identified = { ...plan, id: PLAN_ID }
    const input = {
      node: this.#node,
      plan: identified,
      mode: 'full',
      sidecar: this.client,
      cursor: new PlanCursor(),
    } as const
    const run = await runNodePlan(input, { platform, clock: systemClock, peers }, signal)
    if (run.wait?.kind === 'running') return this.bootstrap(run.plan)
    if (run.wait) throw new Error(`the trial's sidecar has to be waited for: ${run.wait.message}`)
    return run.plan
  }

  /** The task when it is over, or is not going to be. */
  async run(id: string, type: string, params: Readonly<Record<string, unknown>> = {}): Promise<TaskEnd> {
    const known = await this.client.submit({ id, type, params })
    for (let poll = 1; ; poll++) {
      const task = await this.client.task(known)
      if (!task) throw new Error(`task ${type} is unknown right after its submission`)
      if (task.status !== 'running' || poll === POLLS) return task
    }
  }

  /** The node's recurring task. */
  async runRecurring(): Promise<TaskEnd> {
    const [task] = recurringTasks(this.#node, platform)
    if (!task) throw new Error('the trial needs a node that asks for a recurring task')
    const { type, once, params } = task
    const isKnown = once !== undefined && (await knowsTask(this.client, once, signal))
    return this.run(PLAN_ID, isKnown ? once : type, params)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop()
  }
}

/** Buckets that hold what is asked for, and keep note of where that was. */
export class WatchedObjects implements ObjectStore {
  readonly #objects = helpfulWorld().objects
  readonly #read: ObjectPlace[] = []
  readonly #written: ObjectPlace[] = []

  get(place: ObjectPlace): ReturnType<ObjectStore['get']> {
    this.#read.push(place)
    return this.#objects.get(place)
  }

  list(place: ObjectPlace): ReturnType<ObjectStore['list']> {
    this.#read.push(place)
    return this.#objects.list(place)
  }

  put(place: ObjectPlace, body: string): ReturnType<ObjectStore['put']> {
    this.#written.push(place)
    return this.#objects.put(place, body)
  }

  fileReadIn(bucket: string): string | undefined {
    return urisOf(this.#read, bucket)[0]
  }

  folderReadIn(bucket: string): string | undefined {
    return folderOf(this.fileReadIn(bucket))
  }

  folderWrittenIn(bucket: string): string | undefined {
    return folderOf(urisOf(this.#written, bucket)[0])
  }
}

function urisOf(places: readonly ObjectPlace[], bucket: string): readonly string[] {
  return places.filter(place => place.bucket === bucket).map(({ key }) => `s3://${bucket}/${key}`)
}

function folderOf(uri: string | undefined): string | undefined {
  return uri?.slice(0, uri.lastIndexOf('/') + 1)
}
