/** Mistakes in the command line of the program. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const ENTRY = join(import.meta.dirname, '../../src/cli/main.ts')

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The program with these arguments, and with no environment but the variables. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [ENTRY, ...args], { env: { ...env }, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error)
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
}

/** Where nothing listens: what gets this far had nothing to complain of. */
const NOWHERE = { KUBECONFIG: '/dev/null/kubeconfig' }

test('every wrong flag, argument and variable is named in one message, and the status is 2', async () => {
  const args = [
    'manager',
    '--concurrency=0',
    '--log-level=loud',
    '--log-format=xml',
    '--leader-elect=perhaps',
    '--namespaces=a,B',
    '--leader-election-namespace=Not_A_Name',
    '--metrics-bind-address=nowhere',
    '--health-probe-bind-address=:99999',
    '--frobnicate',
    'stray',
  ]
  const env = {
    SEI_TOLERATION_KEY: 'a b',
    SEI_STORAGE_SIZE_DEFAULT: 'big',
    SEI_RESOURCE_CPU_DEFAULT: '-1',
    SEI_STORAGE_CLASS_PERF: 'Fast!',
  }
  const { code, stdout, stderr } = await run(args, { ...NOWHERE, ...env })
  assert.equal(code, 2)
  assert.equal(stdout, '')
  const [message = '', advice, ...rest] = stderr.split('\n')
  assert.match(message, /^sei-k8s-controller: cannot start: /)
  const wrong = [...args.slice(1).map(text => text.split('=')[0] ?? ''), ...Object.keys(env)]
  assert.deepEqual(
    wrong.filter(name => !message.includes(name)),
    [],
    message,
  )
  for (const value of ['"0"', '"loud"', '"xml"', '"perhaps"', '"a,B"', '"nowhere"', '"a b"', '"big"', '"-1"']) {
    assert.ok(message.includes(`found ${value}`), `${value}: ${message}`)
  }
  assert.equal(advice, 'Run with --help to see what is allowed.')
  assert.deepEqual(rest, [''])
})

const MISUSES: readonly (readonly [title: string, args: readonly string[], says: RegExp])[] = [
  ['no command', [], /Usage: sei-k8s-controller/],
  ['an unknown command', ['nonsense'], /unknown command 'nonsense'/],
  ['an unknown flag', ['manager', '--frobnicate'], /unknown argument --frobnicate/],
  ['a flag without its value', ['manager', '--concurrency'], /--concurrency/],
]

for (const [title, args, says] of MISUSES) {
  test(`${title}: status 2, and the message says what`, async () => {
    const { code, stderr } = await run(args, NOWHERE)
    assert.equal(code, 2, stderr)
    assert.match(stderr, says)
  })
}

test('a cluster that is not configured: status 1, and the message lists the sources that were tried', async () => {
  const args = ['manager', '--leader-elect=false', '--metrics-bind-address=0', '--health-probe-bind-address=0']
  const { code, stderr } = await run(args, NOWHERE)
  assert.equal(code, 1, stderr)
  assert.match(stderr, /\/dev\/null\/kubeconfig/)
})

test('--leader-elect alone means true, as in manifests for programs in Go', async () => {
  const { code, stderr } = await run(['manager', '--leader-elect', '--concurrency=0'], NOWHERE)
  assert.equal(code, 2)
  assert.doesNotMatch(stderr, /--leader-elect/)
})

test('--help of every command explains itself: each flag and variable with its meaning and its default', async () => {
  const program = await run(['--help'])
  assert.equal(program.code, 0)
  const commands = [...program.stdout.matchAll(/^ {2}([a-z]+) (?:\[\w+\])/gm)].map(([, name = '']) => name)
  assert.ok(commands.includes('manager'), program.stdout)
  for (const command of commands.filter(name => name !== 'help')) {
    const { code, stdout } = await run([command, '--help'])
    assert.equal(code, 0)
    const flags = [...stdout.matchAll(/^ {2}(--\S+).*$/gm)]
    assert.ok(flags.length > 1, stdout)
    // The meaning is after the flag and its value, or on the next line.
    const unexplained = flags.filter(([line]) => !/^ {2}--\S+( [<[]\S+)? {2,}\S/.test(line)).map(([line]) => line)
    assert.deepEqual(unexplained, [])
    assert.deepEqual(await run(['help', command]), { code, stdout, stderr: '' })
  }
  const { stdout } = await run(['manager', '--help'])
  const variables = [...stdout.matchAll(/^ {2}(SEI_[A-Z_]+) +\S.*\(default: \S+\)$/gm)].map(([, name]) => name)
  assert.ok(variables.length >= 12, stdout)
})
