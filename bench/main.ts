/** `make bench`: measures the operator beside the floor for each number of nodes, prints a table and writes it as JSON. */
import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { resolveBinaries } from '../testing/controlplane/binaries.ts'
import { bundleOperator } from '../testing/operator-bundle.ts'
import { Progress } from '../testing/progress.ts'
import { BUDGETS, evaluate } from './budgets.ts'
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
  const program = await bundleOperator()
  const rounds: Round[] = []
  for (const nodes of options.nodes) {
    const shared = { ...options, nodes, binaries, program, stallMs: STALL_MS }
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
    rounds: rounds.map(round => Object.assign({}, round, { budgets: budgetsOf(round) })),
  }
}

function budgetsOf(round: Round): object {
  return Object.fromEntries(Object.entries(BUDGETS).map(([name, budget]) => [name, evaluate(budget, round)]))
}
