/** Values as Grafana shows them, by unit, mappings and thresholds of a field: `fieldOf`, `shown`. Pure. */
import type { Panel } from '../../test/support/monitoring.ts'

interface Mapping {
  readonly options: Readonly<Record<string, { readonly text: string; readonly color?: string }>>
}

/** The options of a field that the picture uses. */
export interface Field {
  readonly unit: string
  readonly decimals?: number
  readonly min?: number
  readonly max?: number
  readonly mappings?: readonly Mapping[]
  readonly thresholds?: { readonly steps: readonly { readonly color: string; readonly value: number | null }[] }
  readonly color?: { readonly fixedColor?: string }
  readonly custom?: {
    readonly fillOpacity?: number
    readonly lineWidth?: number
    readonly lineInterpolation?: string
    readonly stacking?: { readonly mode: string }
  }
  readonly 'custom.cellOptions'?: { readonly type: string }
}

/** Grafana's names for the colours of its palette. */
const COLORS: Readonly<Record<string, string>> = {
  green: '#73bf69',
  yellow: '#fade2a',
  orange: '#ff9830',
  red: '#f2495c',
  'dark-red': '#c4162a',
  blue: '#5794f2',
  purple: '#b877d9',
}

const scaled = (base: number, suffixes: readonly string[], space = ' ') => {
  return (value: number, decimals?: number): string => {
    const exponent = Math.max(0, Math.floor(Math.log(Math.abs(value)) / Math.log(base) + 1e-9))
    const step = value === 0 ? 0 : Math.min(suffixes.length - 1, exponent)
    const suffix = suffixes[step] ?? ''
    return `${rounded(value / base ** step, decimals)}${suffix === '' ? '' : space}${suffix}`
  }
}
const short = scaled(1000, ['', 'K', 'Mil', 'Bil'])

/** Each turns a value into its text, with as many decimals as the panel says. */
export const UNITS: Readonly<Record<string, (value: number, decimals?: number) => string>> = {
  short,
  locale: value => value.toLocaleString('en-US', { maximumFractionDigits: 0 }),
  percentunit: (value, decimals) => `${rounded(value * 100, decimals ?? 1)}%`,
  bytes: scaled(1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']),
  s: duration,
  ops: (value, decimals) => `${short(value, decimals)} ops/s`,
  reqps: (value, decimals) => `${short(value, decimals)} req/s`,
}

const DURATIONS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'min'],
  [1, 's'],
]

function duration(seconds: number, decimals?: number): string {
  const size = Math.abs(seconds)
  if (size > 0 && size < 1) return `${rounded(seconds * 1000, decimals)} ms`
  const [unit, name] = DURATIONS.find(([least]) => size >= least) ?? [1, 's']
  const count = rounded(seconds / unit, decimals)
  return `${count} ${name}${unit >= 60 && count !== '1' ? 's' : ''}`
}

/** By default three digits. */
function rounded(value: number, decimals?: number): string {
  if (decimals !== undefined) return String(Number(value.toFixed(decimals)))
  return String(Number(Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)))
}

/** The panel's defaults with its overrides for the field of that name. */
export function fieldOf({ fieldConfig }: Panel, name: string): Field {
  const overrides = (fieldConfig?.overrides ?? []).filter(({ matcher }) => matcher.options === name)
  const properties = overrides.flatMap(each => each.properties.map(({ id, value }) => [id, value] as const))
  return { unit: 'short', ...fieldConfig?.defaults, ...Object.fromEntries(properties) }
}

export function colorOf(name: string): string {
  return COLORS[name] ?? name
}

/** A value's text, and its colour if a mapping or a threshold gives one. */
export function shown(value: number, field: Field): { readonly text: string; readonly color?: string } {
  const mapped = field.mappings?.map(({ options }) => options[String(value)]).find(each => each !== undefined)
  if (mapped) return { text: mapped.text, ...(mapped.color ? { color: colorOf(mapped.color) } : {}) }
  const step = field.thresholds?.steps.findLast(each => each.value === null || value >= each.value)
  const text = UNITS[field.unit]?.(value, field.decimals) ?? String(value)
  return { text, ...(step ? { color: colorOf(step.color) } : {}) }
}
