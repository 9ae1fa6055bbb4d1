/** `make bench`: measures the operator beside the floor for each number of nodes, prints a table and writes it as JSON. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { resolveBinaries } from '../testing/controlplane/binaries.ts'
import { Progress } from '../testing/progress.ts'
import { ROOT } from '../testing/root.ts'
import { BUDGETS, judge } from './budgets.ts'
import type { Round, RoundOptions } from './figures.ts'
import { measureFloor } from './floor.ts'
import { measureBesideSilent, measureOperator } from './operator-run.ts'
import { type BenchOptions, readOptions } from './options.ts'
import { differences, renderTable } from './table.ts'

/** Long enough for a busy machine, short enough to tell that nothing will come any more. */
const STALL_MS = 120_000

try {
  await bench(readOptions(process.argv))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function bench(options: BenchOptions): Promise<void> {
  const binaries = await resolveBinaries(process.env)
  await promisify(execFile)(process.execPath, [join(ROOT, 'hack/build.ts')])
  const rounds: Round[] = []
  for (const nodes of options.nodes) {
    const shared = { ...options, nodes, binaries, stallMs: STALL_MS }
    const floor = await shown(`${nodes} nodes, the floor`, shared, measureFloor)
    const measured = await shown(`${nodes} nodes, the operator`, shared, measureOperator)
    const silent = await shown(`${nodes} nodes, beside silent sidecars`, shared, measureBesideSilent)
    rounds.push({ nodes, floor, ...measured, silent })
  }
  console.log(`\n${renderTable(rounds).join('\n')}\n`)
  for (const round of rounds) {
    for (const line of differences(round)) console.log(`${round.nodes} nodes: ${line}`)
  }
  await mkdir(dirname(options.outFile), { recursive: true })
  await writeFile(options.outFile, `${JSON.stringify(resultOf(rounds), null, 2)}\n`)
  console.log(`written to ${options.outFile}`)
}

async function shown<T>(
  title: string,
  options: Omit<RoundOptions, 'progress'>,
  measure: (options: RoundOptions) => Promise<T>,
): Promise<T> {
  using progress = new Progress(title, { stream: process.stderr })
  const figures = await measure({ ...options, progress })
  progress.end('measured')
  return figures
}

function resultOf(rounds: readonly Round[]): object {
  return {
    measuredAt: new Date().toISOString(),
    machine: {
      cores: availableParallelism(),
      cpu: cpus()[0]?.model ?? 'unknown',
      memoryBytes: totalmem(),
      platform: `${process.platform} ${process.arch}`,
    },
    node: process.version,
    rounds: rounds.map(round => Object.assign({}, round, { budgets: verdictsOf(round) })),
  }
}

function verdictsOf(round: Round): object {
  return Object.fromEntries(Object.entries(BUDGETS).map(([name, budget]) => [name, judge(budget, round)]))
}
