/**
 * The standard process metrics of Prometheus, read on each scrape. (prom-client's default metrics run a timer and a
 * garbage-collection observer, which cost CPU in an idle operator.)
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Registry } from 'prom-client'
import { Counter, Gauge } from 'prom-client'

export function registerProcessMetrics(registry: Registry): void {
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  const startedAt = Math.round(Date.now() / 1000 - process.uptime())
  gauge('process_start_time_seconds', 'When the process started, seconds since the epoch.', () => startedAt)
  const cpu: Counter = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time, seconds.',
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage()
      // The process counts since its start.
      cpu.reset()
      cpu.inc((user + system) / 1e6)
    },
  })
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss())
  gauge('process_resident_memory_anonymous_bytes', 'Resident memory that is anonymous; 0 where not known.', () =>
    statusBytes('RssAnon'),
  )
  gauge('process_resident_memory_file_bytes', 'Resident memory that is backed by files; 0 where not known.', () =>
    statusBytes('RssFile'),
  )
  gauge('nodejs_heap_used_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed)
  gauge('nodejs_available_parallelism', 'CPUs that the process may use.', availableParallelism)
  gauge('nodejs_active_resources', 'Open handles and timers that keep the process alive.', () => {
    return process.getActiveResourcesInfo().length
  })
  new Gauge({
    name: 'nodejs_version_info',
    help: 'The Node.js version, as a label.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version: process.version }, 1)
}

/** A field of /proc/self/status on Linux, bytes; 0 on other systems. */
function statusBytes(field: string): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8')
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
