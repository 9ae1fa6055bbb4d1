/** Measures the operator: from the first SeiNode's creation to the last one Ready, then at rest. `measureOperator`. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { seiNodes } from '../src/api/resources.ts'
import { USERS } from '../testing/controlplane/credentials.ts'
import { countRequests, readAuditLog } from './audit-log.ts'
import { type BenchCluster, startBenchCluster } from './bench-cluster.ts'
import { NAMESPACE } from './bench-node.ts'
import { createNodes } from './create-nodes.ts'
import type { Round, RoundOptions } from './figures.ts'
import { bootstrapP95 } from './bootstrap-times.ts'
import { Milestones } from './milestones.ts'
import { type NodeMilestone, nodeMilestones } from './node-milestones.ts'
import { OperatorProcess, type OperatorUsage } from './operator-process.ts'

/** The work is over, its last events posted, when the operator has asked for nothing for so long. */
const SILENCE_MS = 3000

export function measureOperator(options: RoundOptions): Promise<Pick<Round, 'operator' | 'quiet'>> {
  return withOperator(options, measure)
}

/** On a control plane of its own; rejects with the end of the operator's log. */
export async function withOperator<T>(
  options: RoundOptions,
  run: (cluster: BenchCluster, operator: OperatorProcess, options: RoundOptions) => Promise<T>,
): Promise<T> {
  await using cluster = await startBenchCluster(options.binaries)
  const operator = await OperatorProcess.start({
    supervisor: cluster.supervisor,
    kubeconfig: cluster.plane.kubeconfigFor('operator'),
    logPath: join(cluster.plane.dir, 'operator.log'),
    cpuProfDir: options.cpuProfDir,
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
  operator: OperatorProcess,
  { nodes, quietSeconds, progress, stallMs }: RoundOptions,
): Promise<Pick<Round, 'operator' | 'quiet'>> {
  const atStart = await operator.usage()
  const startedAt = Date.now()
  const times = await bootstrapAll()
  const whenReady = await operator.usage()
  progress.detail('waiting for the last requests')
  await untilSilent(plane.auditLogPath, stallMs)

  progress.detail(`quiet for ${quietSeconds} s`)
  const before = await operator.usage()
  const quietFrom = Date.now()
  await delay(quietSeconds * 1000)
  const quietTo = Date.now()
  const after = await operator.usage()

  const requests = await readAuditLog(plane.auditLogPath, USERS.operator.name)
  return {
    operator: {
      ...times,
      cpuMs: before.cpuMs - atStart.cpuMs,
      startCpuMs: atStart.cpuMs,
      startRss: atStart.rss,
      rss: whenReady.rss,
      peakRss: after.peakRss,
      heapUsed: whenReady.heapUsed,
      requests: countRequests(requests, { from: startedAt, to: quietFrom }),
      reconciles: before.reconciles,
    },
    quiet: {
      seconds: quietSeconds,
      requests: countRequests(requests, { from: quietFrom, to: quietTo }),
      cpuMs: after.cpuMs - before.cpuMs,
      rss: after.rss,
      anonymousRss: after.anonymousRss,
      fileRss: after.fileRss,
      reconciles: reconcilesOf(after) - reconcilesOf(before),
    },
  }

  async function bootstrapAll(): Promise<
    Pick<Round['operator'], 'planCompleteMs' | 'runningMs' | 'readyMs' | 'bootstrapP95Ms'>
  > {
    await using milestones = new Milestones<typeof seiNodes.__type & object, NodeMilestone>({
      client: admin,
      resource: seiNodes,
      namespace: NAMESPACE,
      reachedBy: nodeMilestones,
    })
    const reached = async (name: NodeMilestone): Promise<number> => {
      const onProgress = (count: number): void => progress.detail(`${count} ${name}`)
      return (await milestones.until(name, nodes, { stallMs, onProgress })).at - startedAt
    }
    const createdAt = new Map<string, number>()
    await createNodes(admin, nodes, ({ metadata }) => createdAt.set(metadata.name, Date.now()))
    return {
      planCompleteMs: await reached('plan-complete'),
      runningMs: await reached('running'),
      readyMs: await reached('ready'),
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

function reconcilesOf({ reconciles }: OperatorUsage): number {
  return Object.values(reconciles).reduce((sum, count) => sum + count, 0)
}
