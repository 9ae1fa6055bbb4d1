/** Weeks of a node's periodic work in moments: `RecurringSimulation`, the operator's part against a fake sidecar's. */
import { Engine, type Execution } from '../../testing/fakes/sidecar/engine.ts'
import { readEnvironment } from '../../testing/fakes/sidecar/environment.ts'
import { MemoryHome, MemoryObjects, profileOf, type Home, type Profile } from '../../testing/fakes/sidecar/index.ts'
import { BadRequest } from '../../testing/fakes/sidecar/submission.ts'
import { helpfulWorld, type ObjectPlace } from '../../testing/fakes/sidecar/world.ts'
import type { RecurringTask } from '../../src/api/seinode-status.ts'
import type { SeiNode } from '../../src/api/seinode.ts'
import { seiNode } from '../../src/build/testdata/nodes.ts'
import { platform } from '../../src/build/testdata/platform.ts'
import { runRecurring } from '../../src/controllers/seinode/sidecar/recurring.ts'
import { nextSlot } from '../../src/plan/schedule-slots.ts'
import { ManualClock } from '../../src/runtime/manual-clock.ts'
import type { Health, SidecarClient, TaskRequest, TaskResult } from '../../src/sidecar/client.ts'
import { SidecarError } from '../../src/sidecar/errors.ts'
import { readTaskResult } from '../../src/sidecar/task-result.ts'

export const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
/** The longest that the operator waits between two calls to a sidecar that does not answer. */
const RETRY_MS = 30_000
const BUCKET = 'snapshots'

/** `minutes`: how long what is down stays down. */
export interface Disturbance {
  readonly kind: DisturbanceKind
  /** Since the one before. */
  readonly afterMinutes: number
  readonly minutes: number
}

/**
 * - `operator-killed`: now, and not started again for some minutes;
 * - `killed-in-submit`: at its next submission, after the sidecar has taken it;
 * - `unsaved`: its next status is not written (a conflict), and it reconciles again;
 * - `sidecar-stopped`, `sidecar-killed`: SIGTERM, SIGKILL, and not started again for some minutes;
 * - `lost-answer`: the sidecar takes its next submission, and the connection breaks before the answer.
 */
export type DisturbanceKind =
  | 'operator-killed'
  | 'killed-in-submit'
  | 'unsaved'
  | 'sidecar-stopped'
  | 'sidecar-killed'
  | 'lost-answer'

export const DISTURBANCES: readonly DisturbanceKind[] = [
  'operator-killed',
  'killed-in-submit',
  'unsaved',
  'sidecar-stopped',
  'sidecar-killed',
  'lost-answer',
]

export interface SimulationOptions {
  readonly release: string
  readonly schedule: string
  /** How long one run takes. */
  readonly runMinutes: number
  readonly days: number
  readonly disturbances: readonly Disturbance[]
}

/** All times are milliseconds since the epoch. */
export interface Outcome {
  readonly slots: readonly number[]
  readonly executions: readonly Execution[]
  /** The most tasks that ran at once. */
  readonly mostAtOnce: number
  /** Keys of the archives in S3, one for each time that one was put there. */
  readonly archives: readonly string[]
  /** While nothing was disturbed: operator and sidecar both ran, and all that they said was heard. */
  readonly isCalm: (from: number, to: number) => boolean
  /** When a run was in progress. */
  readonly isRunning: (at: number) => boolean
  /** As status has it at the end. */
  readonly state: RecurringTask | undefined
}

class OperatorKilled extends Error {}

export async function simulate(options: SimulationOptions): Promise<Outcome> {
  const simulation = new RecurringSimulation(options)
  await simulation.run()
  return simulation
}

class RecurringSimulation implements Outcome, SidecarClient {
  readonly slots: readonly number[]
  readonly executions: Execution[] = []
  readonly archives: string[] = []
  mostAtOnce = 0
  readonly #options: SimulationOptions
  readonly #profile: Profile
  readonly #clock = new ManualClock()
  readonly #home: Home = new MemoryHome()
  readonly #end: number
  readonly #disturbed: { readonly from: number; readonly to: number }[] = []
  /** Submissions and status writes that are still to go wrong. */
  readonly #next = new Set<DisturbanceKind>()
  /** Start and end of the periods in which a run was in progress. */
  readonly #runs: { readonly from: number; to: number }[] = []
  #node: SeiNode
  #engine: Engine | undefined
  #operatorDownUntil = 0
  #sidecarDownUntil = 0
  /** Slots that have come. */
  #passed = 0

  constructor(options: SimulationOptions) {
    const { release, schedule, days } = options
    this.#options = options
    this.#profile = profileOf(release)
    this.#end = this.#clock.now() + days * DAY
    const destination = { s3: { bucket: BUCKET, region: 'us-east-2', prefix: 'pacific-1/' } }
    this.#node = seiNode('a', { snapshotGeneration: { keepRecent: 2, schedule, destination } }, { uid: NODE_UID })
    this.slots = slotsBetween(schedule, this.#clock.now(), this.#end)
    this.#startSidecar()
  }

  get state(): RecurringTask | undefined {
    return this.#node.status?.recurringTasks?.[0]
  }

  isCalm(from: number, to: number): boolean {
    return this.#disturbed.every(stretch => stretch.to < from || stretch.from > to)
  }

  isRunning(at: number): boolean {
    return this.#runs.some(({ from, to }) => from <= at && at <= to)
  }

  async run(): Promise<void> {
    const disturbances = [...this.#options.disturbances]
    let disturbAt = this.#clock.now()
    const due = (): number => disturbAt + (disturbances[0]?.afterMinutes ?? Infinity) * MINUTE
    let reconcileAt = this.#clock.now()
    while (this.#clock.now() < this.#end) {
      await this.#advanceTo(Math.min(reconcileAt, due(), this.slots[this.#passed] ?? Infinity, this.#end))
      const now = this.#clock.now()
      if (now >= due()) {
        const disturbance = disturbances.shift()
        disturbAt = now
        if (disturbance) await this.#disturb(disturbance)
      }
      if (now >= reconcileAt) reconcileAt = now + (await this.#reconcile())
    }
  }

  /** Resolves with how long the operator waits until its next reconcile. */
  async #reconcile(): Promise<number> {
    const now = this.#clock.now()
    if (now < this.#operatorDownUntil) return this.#operatorDownUntil - now
    try {
      const signal = new AbortController().signal
      const { tasks, requeue } = await runRecurring(this.#node, this, { platform, clock: this.#clock }, signal)
      if (this.#next.delete('unsaved')) return 1_000
      this.#node = { ...this.#node, status: { ...this.#node.status, recurringTasks: [...tasks] } }
      return requeue && 'requeueAfterMs' in requeue ? requeue.requeueAfterMs : RETRY_MS
    } catch (error) {
      if (!(error instanceof OperatorKilled)) throw error
      return this.#operatorDownUntil - now
    }
  }

  async #disturb({ kind, minutes }: Disturbance): Promise<void> {
    const now = this.#clock.now()
    const until = now + minutes * MINUTE
    switch (kind) {
      case 'operator-killed':
        this.#operatorDownUntil = Math.max(this.#operatorDownUntil, until)
        this.#disturbed.push({ from: now, to: until })
        return
      case 'sidecar-stopped':
      case 'sidecar-killed':
        if (kind === 'sidecar-stopped' && isBrokenOff(this.#profile)) this.#engine?.failRunning()
        this.#engine?.stop()
        this.#engine = undefined
        this.#endRun()
        this.#sidecarDownUntil = Math.max(this.#sidecarDownUntil, until)
        this.#disturbed.push({ from: now, to: until })
        return
      case 'killed-in-submit':
      case 'lost-answer':
      case 'unsaved':
        this.#next.add(kind)
    }
    await this.#clock.settle()
  }

  async #advanceTo(time: number): Promise<void> {
    while (this.#clock.now() < time) {
      const restartAt = this.#engine ? Infinity : this.#sidecarDownUntil
      await this.#clock.advance(Math.max(0, Math.min(time, restartAt) - this.#clock.now()))
      if (!this.#engine && this.#clock.now() >= this.#sidecarDownUntil) this.#startSidecar()
      this.#noteRun()
    }
    if (this.slots[this.#passed] === time) this.#makeSnapshot()
  }

  /** The chain makes blocks: at each slot there is another snapshot to upload. */
  #makeSnapshot(): void {
    this.#passed += 1
    this.#home.makeDirectory(`data/snapshots/${1000 + this.#passed}`)
  }

  #startSidecar(): void {
    const profile = this.#profile
    const objects = new MemoryObjects()
    const put = ({ bucket, key, region }: ObjectPlace, body: string): void => {
      if (key.endsWith('.tar.gz')) this.archives.push(key)
      objects.put({ bucket, key, region }, body)
    }
    const { runMinutes } = this.#options
    this.#engine = new Engine({
      profile,
      home: this.#home,
      environment: readEnvironment(ENVIRONMENT, profile),
      world: {
        ...helpfulWorld(ENVIRONMENT.SEI_CHAIN_ID),
        objects: { get: at => objects.get(at), list: at => objects.list(at), put },
      },
      clock: this.#clock,
      lockWindowMs: 0,
      behaviour: () => ({ durationMs: runMinutes * MINUTE }),
      onExecution: execution => this.executions.push(execution),
      onReadyChange: () => {},
    })
    this.#noteRun()
  }

  #noteRun(): void {
    const running = this.#engine?.list().filter(({ status }) => status === 'running').length ?? 0
    this.mostAtOnce = Math.max(this.mostAtOnce, running)
    const now = this.#clock.now()
    const last = this.#runs.at(-1)
    if (running > 0 && last?.to !== Infinity) this.#runs.push({ from: now, to: Infinity })
    else if (running === 0) this.#endRun()
  }

  #endRun(): void {
    const last = this.#runs.at(-1)
    if (last?.to === Infinity) last.to = this.#clock.now()
  }

  health(): Promise<Health> {
    return Promise.resolve('ready')
  }

  async task(id: string): Promise<TaskResult | undefined> {
    return readTaskResult(await this.#ask(engine => engine.get(id)))
  }

  async tasks(): Promise<readonly TaskResult[]> {
    return (await this.#ask(engine => engine.list())).flatMap(row => readTaskResult(row) ?? [])
  }

  async submit(request: TaskRequest): Promise<string> {
    const accepted = await this.#ask(engine => engine.submit(JSON.stringify(request)))
    if (accepted === 'busy') throw new SidecarError('busy', { kind: 'busy', sent: 'no', detail: 'busy' })
    const now = this.#clock.now()
    this.#noteRun()
    if (this.#next.delete('killed-in-submit')) {
      this.#operatorDownUntil = now + MINUTE
      this.#disturbed.push({ from: now, to: now + MINUTE })
      throw new OperatorKilled()
    }
    if (this.#next.delete('lost-answer')) throw unavailable('unknown')
    return accepted.id
  }

  forget(id: string): Promise<'gone' | 'unknown'> {
    return this.#ask(engine => (engine.delete(id) ? 'gone' : 'unknown'))
  }

  async #ask<T>(question: (engine: Engine) => T): Promise<T> {
    if (!this.#engine) throw unavailable('no')
    try {
      return await Promise.resolve(question(this.#engine))
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error
      throw new SidecarError(error.message, { kind: 'rejected', sent: 'no', detail: error.message })
    }
  }
}

const NODE_UID = '7f6c1a3e-2b4d-4e5f-8a9b-0c1d2e3f4a5b'

const ENVIRONMENT = {
  SEI_HOME: '/sei',
  SEI_CHAIN_ID: 'pacific-1',
  SEI_GENESIS_BUCKET: 'genesis',
  SEI_GENESIS_REGION: 'us-east-2',
  SEI_SNAPSHOT_BUCKET: BUCKET,
  SEI_SNAPSHOT_REGION: 'us-east-2',
}

/** Whether a task that SIGTERM breaks off is kept as failed, as it happens in these releases. */
function isBrokenOff({ release, store }: Profile): boolean {
  return store === 'database' && release <= 60
}

function unavailable(sent: 'no' | 'unknown'): SidecarError {
  return new SidecarError('no answer', { kind: 'unavailable', sent, detail: 'no answer' })
}

/** After `from`, up to `to`. */
function slotsBetween(schedule: string, from: number, to: number): readonly number[] {
  const slots: number[] = []
  for (let slot = nextSlot(schedule, from, NODE_UID); slot <= to; slot = nextSlot(schedule, slot, NODE_UID)) {
    slots.push(slot)
  }
  return slots
}
