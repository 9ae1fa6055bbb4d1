/**
 * The floor as a process of its own: reads created SeiNodes, one as JSON per line, writes for each what the operator
 * would, 32 nodes at once, and prints the duration when its input ends. It neither watches nor plans.
 */
import { createInterface } from 'node:readline'
import type { SeiNode } from '../src/api/seinode.ts'
import { readPlatform } from '../src/cli/environment.ts'
import { loadClusterConfig } from '../src/kube/config.ts'
import { createKubeClient } from '../src/kube/http-client.ts'
import { OPERATOR_ENV } from './bench-node.ts'
import { writeNode } from './bare-writes.ts'

/** What is printed, as JSON. */
export interface BareWriterReport {
  /** When the last write was answered, milliseconds since the epoch. */
  readonly finishedAt: number
  /** User and system time since the first line, milliseconds. */
  readonly cpuMs: number
  /** In bytes. */
  readonly rss: number
}

/** As many nodes at once as the operator works on. */
const CONCURRENCY = 32

const platform = readPlatform(OPERATOR_ENV)
const client = createKubeClient(await loadClusterConfig({ env: process.env }), { userAgent: 'bare-writer' })
console.log('ready')

const waiting: SeiNode[] = []
const workers = new Set<Promise<void>>()
let cpuBefore: NodeJS.CpuUsage | undefined
let finishedAt = 0

for await (const line of createInterface({ input: process.stdin })) {
  cpuBefore ??= process.cpuUsage()
  const node: SeiNode = JSON.parse(line)
  waiting.push(node)
  if (workers.size >= CONCURRENCY) continue
  const worker = work().finally(() => workers.delete(worker))
  workers.add(worker)
}
await Promise.all(workers)
const { user, system } = process.cpuUsage(cpuBefore)
const report: BareWriterReport = { finishedAt, cpuMs: (user + system) / 1000, rss: process.memoryUsage.rss() }
console.log(JSON.stringify(report))
client.close()

/** An error ends the process, and with it the measurement. */
async function work(): Promise<void> {
  for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
    await writeNode(client, node, platform)
    finishedAt = Date.now()
  }
}
