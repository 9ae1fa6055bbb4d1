/** Measures the operator: from the first SeiNode's creation to the last one Ready, then at rest. `measureOperator`; and beside silent sidecars: `measureBesideSilent`. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { seiNodes } from '../src/api/resources.ts'
import { USERS } from '../testing/controlplane/credentials.ts'
import { countRequests, readAuditLog } from '../testing/audit-log.ts'
import { type BenchCluster, startBenchCluster } from './bench-cluster.ts'
import { createNodes } from './bench-node.ts'
import type { Round, RoundOptions, SilentFigures } from './figures.ts'
import { bootstrapP95, Milestones, nodeMilestones } from './milestones.ts'
import { MeasuredOperator } from './measured-operator.ts'

/**
 * The work is over when the operator has asked for nothing for so long: its last events are posted, and it has collected its
 * garbage (`src/runtime/idle-collection.ts`).
 */
const SILENCE_MS = 25_000

export function measureOperator(options: RoundOptions): Promise<Pick<Round, 'operator' | 'quiet'>> {
  return withOperator(options, measure)
}

export function measureBesideSilent(options: RoundOptions): Promise<SilentFigures> {
  return withOperator(options, async ({ admin }, _operator, { nodes, progress, stallMs }) => {
    await using milestones = new Milestones(admin, seiNodes, nodeMilestones)
    const sidecars = Array.from({ length: nodes }, (_, index) => index).filter(isSilent).length
    const createdAt = new Map<string, number>()
    await createNodes(admin, nodes, ({ metadata }) => createdAt.set(metadata.name, Date.now()), isSilent)
    const onProgress = (text: string): void => progress.detail(text)
    await milestones.until('plan-complete', nodes - sidecars, { stallMs, onProgress })
    return { sidecars, bootstrapP95Ms: bootstrapP95(createdAt, milestones.timesOf('plan-complete')) }
  })
}

/** Spread evenly: 200 of 500. */
function isSilent(index: number): boolean {
  return index % 5 >= 3
}

/** On a control plane of its own; rejects with the end of the operator's log. */
async function withOperator<T>(
  options: RoundOptions,
  run: (cluster: BenchCluster, operator: MeasuredOperator, options: RoundOptions) => Promise<T>,
): Promise<T> {
  await using cluster = await startBenchCluster(options.binaries)
  const operator = await MeasuredOperator.start({
    supervisor: cluster.supervisor,
    kubeconfig: cluster.plane.kubeconfigFor('operator'),
    logPath: join(cluster.plane.dir, 'operator.log'),
    program: options.program,
    cpuProfDir: options.cpuProfDir,
    observedSeconds: options.observedSeconds,
  })
  try {
    return await Promise.race([run(cluster, operator, options), operator.ended()])
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${reason}; the end of the operator's log:\n${operator.logTail()}`, { cause })
  } finally {
    await operator.stop()
  }
}

async function measure(
  { plane, admin }: BenchCluster,
  operator: MeasuredOperator,
  { nodes, quietSeconds, observedSeconds, progress, stallMs }: RoundOptions,
): Promise<Pick<Round, 'operator' | 'quiet'>> {
  const atStart = await operator.usage()
  const startedAt = Date.now()
  const times = await bootstrapAll()
  const whenReady = await operator.usage()
  progress.detail('waiting for the last requests')
  await untilSilent(plane.auditLogPath, stallMs)

  progress.detail(`quiet for ${quietSeconds} s`)
  const before = await operator.usage()
  const [quietFrom, cpuFrom] = [Date.now(), operator.cpuMs() ?? before.cpuMs]
  await delay(quietSeconds * 1000)
  const [quietTo, cpuTo] = [Date.now(), operator.cpuMs()]
  const after = await operator.usage()

  const requests = await readAuditLog(plane.auditLogPath, USERS.operator.name)
  return {
    operator: {
      ...times,
      cpuMs: before.cpuMs - atStart.cpuMs,
      rss: whenReady.rss,
      peakMemory: operator.peakMemory,
      requests: countRequests(requests, { from: startedAt, to: quietFrom }),
      reconciles: before.reconciles,
    },
    quiet: {
      seconds: quietSeconds,
      observedSeconds,
      requests: countRequests(requests, { from: quietFrom, to: quietTo }),
      cpuMs: (cpuTo ?? after.cpuMs) - cpuFrom,
      rss: after.rss,
      memory: operator.memory(),
      reconciles: after.reconciles - before.reconciles,
    },
  }

  async function bootstrapAll(): Promise<Pick<Round['operator'], 'planCompleteMs' | 'runningMs' | 'bootstrapP95Ms'>> {
    await using milestones = new Milestones(admin, seiNodes, nodeMilestones)
    const reached = async (milestone: string): Promise<number> =>
      (await milestones.until(milestone, nodes, { stallMs, onProgress: text => progress.detail(text) })) - startedAt
    const createdAt = new Map<string, number>()
    await createNodes(admin, nodes, ({ metadata }) => createdAt.set(metadata.name, Date.now()))
    return {
      planCompleteMs: await reached('plan-complete'),
      runningMs: await reached('running'),
      bootstrapP95Ms: bootstrapP95(createdAt, milestones.timesOf('plan-complete')),
    }
  }
}

/** The audit log holds what the operator asks, and nothing else here. */
async function untilSilent(auditLogPath: string, deadlineMs: number): Promise<void> {
  const deadline = Date.now() + deadlineMs
  let [size, since] = [-1, Date.now()]
  while (Date.now() - since < SILENCE_MS) {
    if (Date.now() > deadline)
      throw new Error(`the operator still sends requests ${deadlineMs / 1000} s after its work`)
    await delay(200)
    const { size: now } = await stat(auditLogPath)
    if (now !== size) [size, since] = [now, Date.now()]
  }
}
