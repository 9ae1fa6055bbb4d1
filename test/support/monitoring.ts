/** The alerts and the dashboard of config/monitoring: `readRules`, `readDashboard`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from '../../testing/root.ts'

export interface Alert {
  readonly alert: string
  readonly expr: string
  readonly for: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** As a rules file of Prometheus. */
export interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Alert[] }[]
}

interface Panel {
  readonly id: number
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[]
}

export interface Dashboard {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string }[] }
}

export function readRules(): Rules {
  const { spec }: { spec: Rules } = parse(readFileSync(join(ROOT, 'config/monitoring/rules.yaml'), 'utf8'))
  return spec
}

export function alertsOf({ groups }: Rules): readonly Alert[] {
  return groups.flatMap(({ rules }) => rules)
}

/** With the dashboard's variables in them. */
export function queriesOf({ panels }: Dashboard): readonly string[] {
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
}

export function readDashboard(): Dashboard {
  return JSON.parse(readFileSync(join(ROOT, 'config/monitoring/dashboard.json'), 'utf8'))
}
