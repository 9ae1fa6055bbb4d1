/** Each alert of config/monitoring fires and resolves, by promtool. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { resolvePrometheus } from '../../testing/realcluster/debian-packages.ts'
import { inNewDirectory } from '../deploy/rendered.ts'
import { type Alert, alertsOf, readRules } from '../support/monitoring.ts'
import { type AlertCase, CASES } from './alert-cases.ts'

const run = promisify(execFile)
const rules = readRules()
const alerts = alertsOf(rules)
let promtool: string

before(async () => {
  ;({ promtool } = await resolvePrometheus(process.env, process.stderr))
})

/** @param files by name, as what YAML says */
async function callPromtool(args: readonly string[], files: Readonly<Record<string, unknown>>): Promise<string> {
  return inNewDirectory(async dir => {
    for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), stringify(content))
    try {
      return (await run(promtool, args, { cwd: dir })).stdout
    } catch (error) {
      const { stdout = '', stderr = '' }: { stdout?: string; stderr?: string } = Object(error)
      throw new Error(`promtool ${args.join(' ')}: ${stdout}${stderr}`, { cause: error })
    }
  })
}

/** As Prometheus fills in a template. */
function filledIn(text: string, { labels = {}, value = '' }: AlertCase): string {
  return text.replaceAll(/\{\{ \$(?:labels\.(\w+)|value(?: \| \w+)?) \}\}/g, (_, label?: string) => {
    return label === undefined ? value : (labels[label] ?? '')
  })
}

function expectedOf({ labels, annotations }: Alert, alertCase: AlertCase): object {
  return {
    exp_labels: { ...alertCase.labels, ...labels },
    exp_annotations: Object.fromEntries(
      Object.entries(annotations).map(([name, text]) => [name, filledIn(text, alertCase)]),
    ),
  }
}

test('promtool accepts the rules', async () => {
  const found = await callPromtool(['check', 'rules', '--lint=all', '--lint-fatal', 'rules.yaml'], {
    'rules.yaml': rules,
  })
  assert.match(found, new RegExp(`SUCCESS: ${alerts.length} rules found`))
})

test('every alert has a case in which it fires', () => {
  const fired = new Set(CASES.filter(({ fires }) => fires !== undefined).map(({ alert }) => alert))
  assert.deepEqual(
    alerts.map(({ alert }) => alert).filter(alert => !fired.has(alert)),
    [],
  )
})

for (const each of CASES) {
  test(`${each.alert}: ${each.but ?? 'it fires once for all replicas, and resolves'}`, async () => {
    const alert = alerts.find(({ alert: name }) => name === each.alert)
    assert.ok(alert, `there is no alert ${each.alert}`)
    const quiet = each.quiet.map(time => ({ eval_time: time, alertname: each.alert, exp_alerts: [] }))
    const firing = { eval_time: each.fires, alertname: each.alert, exp_alerts: [expectedOf(alert, each)] }
    const tests = {
      rule_files: ['rules.yaml'],
      evaluation_interval: '1m',
      tests: [
        {
          interval: '1m',
          input_series: Object.entries(each.series).map(([series, values]) => ({ series, values })),
          alert_rule_test: each.fires === undefined ? quiet : [...quiet, firing],
        },
      ],
    }
    // The other rules would be evaluated for all these days too.
    const only = { groups: [{ name: 'only', rules: [alert] }] }
    await callPromtool(['test', 'rules', 'tests.yaml'], { 'rules.yaml': only, 'tests.yaml': tests })
  })
}
