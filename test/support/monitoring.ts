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

export interface Target {
  readonly expr: string
  readonly legendFormat?: string
  readonly instant?: boolean
  readonly datasource: { readonly uid: string }
}

/** Each with an `id` of Grafana's options of fields or transformations. */
export interface Property {
  readonly id: string
  readonly value: unknown
}

export interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly Target[]
  readonly fieldConfig?: {
    readonly defaults: Readonly<Record<string, unknown>>
    readonly overrides: readonly {
      readonly matcher: { readonly id: string; readonly options: string }
      readonly properties: readonly Property[]
    }[]
  }
  readonly options?: {
    readonly colorMode?: string
    readonly sortBy?: readonly { readonly displayName: string; readonly desc: boolean }[]
  }
  readonly transformations?: readonly {
    readonly id: string
    readonly options: {
      readonly excludeByName?: Readonly<Record<string, boolean>>
      readonly indexByName?: Readonly<Record<string, number>>
      readonly renameByName?: Readonly<Record<string, string>>
    }
  }[]
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
