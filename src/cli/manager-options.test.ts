/** All flags are validated at once, and each mistake is reported with the allowed values. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FlagName, MANAGER_FLAGS, readManagerOptions } from './manager-options.ts'

type Given = Partial<Record<FlagName, string>>

function problemsOf(given: Given): readonly string[] {
  const problems: string[] = []
  const options = readManagerOptions(given, problems)
  assert.equal(options === undefined, problems.length > 0)
  return problems
}

test('without flags the defaults of --help apply', () => {
  assert.deepEqual(readManagerOptions({}, []), {
    kubeconfig: undefined,
    context: undefined,
    namespaces: [],
    leaderElect: true,
    leaderElectionNamespace: undefined,
    metricsBindAddress: ':8443',
    metricsSecure: true,
    metricsCertDir: undefined,
    healthProbeBindAddress: ':8081',
    maxRestarting: 1,
    concurrency: 32,
    chainInterval: 15_000,
    missedShare: 0.5,
    volumeInterval: 60_000,
    kubeletInsecureTls: false,
    logLevel: 'info',
    logFormat: 'json',
  })
})

test('each flag fills its own option', () => {
  const given: Record<FlagName, string> = {
    kubeconfig: '/k',
    context: 'c',
    namespaces: ' sei , devnet,',
    'leader-elect': 'false',
    'leader-election-namespace': 'ops',
    'metrics-bind-address': '0',
    'metrics-secure': 'true',
    'metrics-cert-dir': '/certs',
    'health-probe-bind-address': '[::1]:1',
    'max-restarting': '3',
    concurrency: '512',
    'chain-interval': '5',
    'missed-blocks': '25',
    'volume-interval': '0',
    'kubelet-insecure-tls': 'true',
    'log-level': 'debug',
    'log-format': 'text',
  }
  assert.deepEqual(
    Object.keys(given),
    MANAGER_FLAGS.map(({ name }) => name),
  )
  assert.deepEqual(readManagerOptions(given, []), {
    kubeconfig: '/k',
    context: 'c',
    namespaces: ['sei', 'devnet'],
    leaderElect: false,
    leaderElectionNamespace: 'ops',
    metricsBindAddress: '0',
    metricsSecure: true,
    metricsCertDir: '/certs',
    healthProbeBindAddress: '[::1]:1',
    maxRestarting: 3,
    concurrency: 512,
    chainInterval: 5_000,
    missedShare: 0.25,
    volumeInterval: 0,
    kubeletInsecureTls: true,
    logLevel: 'debug',
    logFormat: 'text',
  })
})

test('--metrics-secure=false serves metrics by plain HTTP, which takes no certificate', () => {
  const given = { 'metrics-secure': 'false' } as const
  assert.equal(readManagerOptions(given, [])?.metricsSecure, false)
  assert.deepEqual(problemsOf({ ...given, 'metrics-cert-dir': '/certs' }), [
    '--metrics-cert-dir must be empty with --metrics-secure=false, which serves /metrics by plain HTTP, found "/certs"',
  ])
})

const wrong: readonly (readonly [flag: FlagName, value: string, allowed: RegExp])[] = [
  ['max-restarting', '0', /a whole number from 1 to 10000/],
  ['namespaces', 'sei,Sei', /namespace names separated by commas/],
  ['leader-elect', 'yes', /one of true, false/],
  ['leader-elect', '', /one of true, false/],
  ['leader-election-namespace', 'a b', /the name of a namespace/],
  ['metrics-bind-address', 'localhost', /HOST:PORT, :PORT or 0/],
  ['health-probe-bind-address', ':65536', /HOST:PORT, :PORT or 0/],
  ['concurrency', '0', /a whole number from 1 to 512/],
  ['concurrency', '513', /a whole number from 1 to 512/],
  ['concurrency', '1.5', /a whole number from 1 to 512/],
  ['concurrency', '', /a whole number from 1 to 512/],
  ['volume-interval', '9', /a whole number from 10 to 600, or 0/],
  ['volume-interval', '601', /a whole number from 10 to 600, or 0/],
  ['volume-interval', '', /a whole number from 10 to 600, or 0/],
  ['kubelet-insecure-tls', 'yes', /one of true, false/],
  ['log-level', 'loud', /one of .*info/],
  ['log-format', 'xml', /one of json, text/],
]

for (const [flag, value, allowed] of wrong) {
  test(`--${flag}=${value} is refused with what is allowed`, () => {
    const [problem = '', ...others] = problemsOf({ [flag]: value })
    assert.ok(problem.startsWith(`--${flag} must be `), problem)
    assert.ok(problem.endsWith(`, found ${JSON.stringify(value)}`), problem)
    assert.match(problem, allowed)
    assert.deepEqual(others, [])
  })
}

test('all mistakes are reported at once, after those that were found before', () => {
  const problems = ['unknown argument x']
  assert.equal(readManagerOptions({ concurrency: 'x', 'log-level': 'x', 'leader-elect': 'x' }, problems), undefined)
  assert.equal(problems.length, 4)
})

test('a mistake found before does not spoil flags that are right', () => {
  assert.ok(readManagerOptions({}, ['unknown argument x']))
})

test('the options cannot be changed after they were read', () => {
  assert.ok(Object.isFrozen(readManagerOptions({}, [])))
})
