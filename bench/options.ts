/** The benchmark's settings from its flags and variables: `readOptions`. */
import { Command, InvalidArgumentError, Option } from 'commander'

export interface BenchOptions {
  /** How many SeiNodes each round creates. */
  readonly nodes: readonly number[]
  readonly quietSeconds: number
  /** How often the operator queries each seid. */
  readonly observedSeconds: number
  readonly outFile: string
  /** Where the operator writes a CPU profile for each round. */
  readonly cpuProfDir: string | undefined
}

const MAX_NODES = 5000

interface Flags {
  readonly nodes: readonly number[]
  readonly quiet: number
  readonly observed: number
  readonly out: string
  readonly cpuProf?: string
}

/** @param argv as of `process.argv`; NODES and QUIET are read from the environment where a flag is absent */
export function readOptions(argv: readonly string[]): BenchOptions {
  const program = new Command('bench')
    .description(
      'Measures the operator on a real control plane, beside a bare writer that makes the same writes. ' +
        'Ends with status 0 even where a budget is missed: speed is reported, never asserted.',
    )
    .addOption(
      new Option('--nodes <counts>', 'SeiNodes of each round')
        .env('NODES')
        .argParser(parseCounts)
        .default([100, 500, 1000], '"100 500 1000"'),
    )
    .addOption(
      new Option('--quiet <seconds>', 'quiet period after each round').env('QUIET').argParser(parseSeconds).default(60),
    )
    .addOption(
      new Option('--observed <seconds>', 'how often the operator queries each seid, 1 to 60')
        .argParser(parseInterval)
        .default(15),
    )
    .option('--out <file>', 'where the figures are written as JSON', 'dist/bench.json')
    .option('--cpu-prof <dir>', "write the operator's CPU profiles there; measuring them costs time")
    .parse(argv)
  const { nodes, quiet, observed, out, cpuProf } = program.opts<Flags>()
  return { nodes, quietSeconds: quiet, observedSeconds: observed, outFile: out, cpuProfDir: cpuProf }
}

/** "100 500" or "100,500". */
function parseCounts(text: string): number[] {
  const counts = text
    .split(/[\s,]+/)
    .filter(word => word !== '')
    .map(Number)
  if (counts.length === 0 || !counts.every(count => Number.isInteger(count) && count >= 1 && count <= MAX_NODES)) {
    throw new InvalidArgumentError(`expected whole numbers from 1 to ${MAX_NODES}, such as "100 500".`)
  }
  return counts
}

function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 1 || seconds > 3600) {
    throw new InvalidArgumentError('expected seconds, from 1 to 3600.')
  }
  return seconds
}

/** As the operator's `--chain-interval` takes them. */
function parseInterval(text: string): number {
  const seconds = Number(text)
  if (text.trim() === '' || !Number.isInteger(seconds) || seconds < 1 || seconds > 60) {
    throw new InvalidArgumentError('expected whole seconds, from 1 to 60.')
  }
  return seconds
}
