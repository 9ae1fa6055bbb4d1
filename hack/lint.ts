/** Runs every static check, all of them whatever fails: types, lint rules, formatting, shell scripts and dead code. */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'

interface Check {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  /** What to do when it fails. */
  readonly hint: string
}

interface Outcome {
  readonly check: Check
  readonly passed: boolean
  readonly output: string
  readonly seconds: number
}

const CHECKS: readonly Check[] = [
  { name: 'types', command: ['tsc', '--project', '.'], hint: 'mend the types' },
  {
    name: 'lint',
    command: ['oxlint', '--type-aware', '--deny-warnings'],
    hint: 'mend what it says, or try `npx oxlint --type-aware --fix`',
  },
  { name: 'format', command: ['oxfmt', '--check', '.'], hint: 'run `make format`' },
  {
    name: 'shell',
    command: ['node', 'hack/shell-lint.ts'],
    hint: 'mend the scripts; each SC number has a page on shellcheck.net',
  },
  { name: 'dead code', command: ['knip'], hint: 'remove what nobody uses, or its `export`' },
]

function run(check: Check): Promise<Outcome> {
  const started = Date.now()
  const [path, ...args] = check.command
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return new Promise(resolve => {
    const end = (passed: boolean, note: string): void =>
      resolve({
        check,
        passed,
        output: Buffer.concat(chunks).toString() + note,
        seconds: (Date.now() - started) / 1000,
      })
    child.once('error', error => end(false, `${error.message}: run it through \`make lint\`\n`))
    child.once('close', code => end(code === 0, ''))
  })
}

/** Runs the checks, `width` at a time, and reports each as it ends. */
async function runAll(checks: readonly Check[], width: number): Promise<readonly Outcome[]> {
  const waiting = [...checks]
  const outcomes: Outcome[] = []
  const worker = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const outcome = await run(check)
      outcomes.push(outcome)
      console.log(`${outcome.passed ? 'ok    ' : 'FAILED'}  ${check.name} (${outcome.seconds.toFixed(1)} s)`)
      if (!outcome.passed) console.log(outcome.output.trimEnd())
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return outcomes
}

const failed = (await runAll(CHECKS, availableParallelism())).filter(outcome => !outcome.passed)
for (const { check } of failed) console.log(`${check.name} failed: ${check.hint}`)
process.exitCode = failed.length === 0 ? 0 : 1
