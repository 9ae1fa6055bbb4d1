/** Measures the floor: how fast a process that only writes gets the same writes done. `measureFloor`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { pods } from '../src/kube/resources.ts'
import { countRequests, readAuditLog } from '../testing/audit-log.ts'
import type { BareWriterReport } from './bare-writer.ts'
import { type BenchCluster, startBenchCluster } from './bench-cluster.ts'
import { createNodes } from './bench-node.ts'
import type { FloorFigures, RoundOptions } from './figures.ts'
import { Milestones, podMilestones } from './milestones.ts'

/**
 * On a control plane of its own, under the operator's conditions: the same SeiNodes, made by the same code at the same
 * pace, and the same controllers, scheduler and fake node at work on what is written.
 */
export async function measureFloor({ nodes, binaries, progress, stallMs }: RoundOptions): Promise<FloorFigures> {
  await using cluster = await startBenchCluster(binaries)
  progress.detail('writing')
  const startedAt = Date.now()
  const report = await write(cluster, nodes)
  const requests = countRequests(await readAuditLog(cluster.plane.auditLogPath, 'bench'), {
    from: startedAt,
    to: Number.POSITIVE_INFINITY,
  })
  progress.detail('waiting for the pods')
  await using milestones = new Milestones(cluster.admin, pods, podMilestones)
  const podsAt = await milestones.until('sidecar-running', nodes, { stallMs })
  return {
    lastWriteMs: report.finishedAt - startedAt,
    podsMs: podsAt - startedAt,
    cpuMs: report.cpuMs,
    rss: report.rss,
    requests,
  }
}

async function write({ plane, admin }: BenchCluster, nodes: number): Promise<BareWriterReport> {
  const program = join(plane.dir, 'bare-writer.mjs')
  // Bundled as the operator is, so that neither pays for stripping types.
  await build({
    entryPoints: [join(import.meta.dirname, 'bare-writer.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@kubernetes/client-node', 'yaml'],
  })
  const writer = spawn(process.execPath, [program], {
    env: { ...process.env, KUBECONFIG: plane.kubeconfigFor('bench') },
    // The writer ends when its input does, so it does not outlive this process.
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  // A write after its end fails; `exited` reports the end.
  writer.stdin.on('error', () => undefined)
  const lines = createInterface({ input: writer.stdout })[Symbol.asyncIterator]()
  const exited = once(writer, 'exit').then(([code]) => {
    throw new Error(`the bare writer ended with status ${code}`)
  })
  exited.catch(() => undefined)
  const answer = async (): Promise<string> => (await Promise.race([lines.next(), exited])).value ?? ''
  try {
    await answer()
    await createNodes(admin, nodes, node => writer.stdin.write(`${JSON.stringify(node)}\n`))
    writer.stdin.end()
    const report: BareWriterReport = JSON.parse(await answer())
    return report
  } finally {
    writer.kill('SIGKILL')
  }
}
