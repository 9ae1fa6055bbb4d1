/** The figures as a table that reads well on a terminal and in Markdown: `renderTable`. Pure. */
import type { RequestCount } from '../testing/audit-log.ts'
import { type Budget, BUDGETS, evaluate } from './budgets.ts'
import type { Round } from './figures.ts'
import type { Memory } from './measured-operator.ts'

interface Row {
  readonly label: string
  readonly cell: (round: Round) => string
  /** Its limit stands in the last column, and each cell says whether it was met. */
  readonly budget?: Budget
}

const ROWS: readonly Row[] = [
  { label: 'Floor (bare writer): creation to the last write', cell: ({ floor }) => seconds(floor.lastWriteMs) },
  { label: '- creation to the last pod up', cell: ({ floor }) => seconds(floor.podsMs) },
  { label: '- API requests per node', cell: ({ floor, nodes }) => number(floor.requests.requests / nodes) },
  { label: '- CPU per node', cell: ({ floor, nodes }) => `${number(floor.cpuMs / nodes)} ms` },
  { label: '- RSS at the end', cell: ({ floor }) => megabytes(floor.rss) },
  { label: 'Operator: creation to the last plan complete', cell: ({ operator }) => seconds(operator.planCompleteMs) },
  { label: '- times the floor', cell: ratio, budget: BUDGETS.wallTime },
  { label: '- creation to the last node Running', cell: ({ operator }) => seconds(operator.runningMs) },
  {
    label: '- API requests per node',
    cell: ({ operator, nodes }) => number(operator.requests.requests / nodes),
    budget: BUDGETS.requests,
  },
  { label: '- of these, by verb', cell: ({ operator, nodes }) => verbs(operator.requests, nodes) },
  {
    label: '- CPU per node',
    cell: ({ operator, nodes }) => `${number(operator.cpuMs / nodes)} ms`,
    budget: BUDGETS.cpu,
  },
  { label: '- RSS at the end', cell: round => megabytes(BUDGETS.rss.measured(round) * 1e6), budget: BUDGETS.rss },
  { label: '- memory at its peak', cell: ({ operator }) => memory(operator.peakMemory) },
  { label: '- reconciles per node', cell: ({ operator, nodes }) => number(operator.reconciles / nodes) },
  { label: '- bootstrap of a node, p95', cell: ({ operator }) => seconds(operator.bootstrapP95Ms) },
  { label: 'Quiet period', cell: ({ quiet }) => `${quiet.seconds} s` },
  {
    label: '- API requests but watches',
    cell: ({ quiet }) => verbs(quiet.requests, 1) || '0',
    budget: BUDGETS.quiet,
  },
  { label: '- of these, writes', cell: ({ quiet }) => String(quiet.requests.writes) },
  { label: '- watches begun anew', cell: ({ quiet }) => String(quiet.requests.watchesOpened) },
  { label: '- memory at its end', cell: ({ quiet }) => memory(quiet.memory) },
  { label: '- reconciles', cell: ({ quiet }) => String(quiet.reconciles) },
  { label: '- interval of the queries to each seid', cell: ({ quiet }) => `${quiet.observedSeconds} s` },
  {
    label: '- CPU, with the chain of each node observed',
    cell: round => `${number(BUDGETS.observing.measured(round), 2)} % of a core`,
    budget: BUDGETS.observing,
  },
  { label: 'Sidecars that swallow what they are sent', cell: ({ silent }) => String(silent.sidecars) },
  { label: '- bootstrap of a healthy node, p95', cell: ({ silent }) => seconds(silent.bootstrapP95Ms) },
  {
    label: '- times that without them',
    cell: round => `${number(BUDGETS.silence.measured(round), 2)} x`,
    budget: BUDGETS.silence,
  },
]

/** Lines of a Markdown table with a column for each round. */
export function renderTable(rounds: readonly Round[]): string[] {
  const body = ROWS.map(row =>
    [row.label].concat(
      rounds.map(round => cellOf(row, round)),
      row.budget?.text ?? '',
    ),
  )
  const header = ['SeiNodes', ...rounds.map(({ nodes }) => nodes.toLocaleString('en')), 'budget']
  const widths = header.map((_, column) => Math.max(...[header, ...body].map(row => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(header), rule, ...body.map(line)]
}

/**
 * Where the operator's writes are not those of the floor, so that the two times compare different work: one line for each
 * kind of request, by its number per node.
 */
export function differences({ nodes, floor, operator }: Round): string[] {
  const kinds = new Set([...Object.keys(floor.requests.byKind), ...Object.keys(operator.requests.byKind)])
  return [...kinds].flatMap(kind => {
    const [expected, found] = [floor, operator].map(({ requests }) => number((requests.byKind[kind] ?? 0) / nodes, 2))
    return expected === found ? [] : [`${kind}: ${found} per node, ${expected} in the floor`]
  })
}

function cellOf({ cell, budget }: Row, round: Round): string {
  if (!budget) return cell(round)
  return `${cell(round)} (${evaluate(budget, round).met ? 'met' : 'MISSED'})`
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}

function ratio(round: Round): string {
  return `${number(BUDGETS.wallTime.measured(round), 2)} x`
}

function verbs({ byVerb }: RequestCount, per: number): string {
  return Object.entries(byVerb)
    .map(([verb, count]) => `${number(count / per)} ${verb}`)
    .join(', ')
}

function seconds(ms: number): string {
  return `${number(ms / 1000)} s`
}

function megabytes(bytes: number): string {
  return `${number(bytes / 1e6)} MB`
}

function memory(found: Memory | undefined): string {
  return found ? `${megabytes(found.anonymous)} anonymous, ${megabytes(found.file)} file` : 'unknown'
}

function number(value: number, digits = 1): string {
  return value.toFixed(digits).replace(/\.0+$/, '')
}
