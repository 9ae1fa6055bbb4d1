/** Time series and state timelines as SVG: `CHARTS`. */
import { CustomChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent } from 'echarts/components'
import { type EChartsCoreOption, init, setPlatformAPI, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { Panel } from '../../test/support/monitoring.ts'
import { type Answers, legendOf, type Series, type TimeRange } from './answers.ts'
import { colorOf, fieldOf, shown } from './fields.ts'

/** Of a character of FONT, on average, in pixels: without a browser, ECharts assumes a narrower font. */
const CHARACTER = 6.4
setPlatformAPI({ measureText: text => ({ width: CHARACTER * text.length }) })
use([LineChart, CustomChart, GridComponent, LegendComponent, SVGRenderer])

interface Named extends Pick<Series, 'points'> {
  readonly name: string
}

const TEXT = '#ccccdc'
const LINES = '#2c3235'
/** Grafana's classic palette. */
const PALETTE = ['#7eb26d', '#eab839', '#6ed0e0', '#ef843c', '#e24d42', '#1f78c1', '#ba43a9', '#705da0', '#508642']
const LEGEND = {
  bottom: 0,
  left: 8,
  itemWidth: 14,
  itemHeight: 4,
  itemGap: 12,
  icon: 'roundRect',
  textStyle: { color: TEXT },
}
const FONT = { fontFamily: 'Inter', fontSize: 11 }

const SECONDS = [15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400]

/** By the type of panel. */
export const CHARTS = { timeseries: timeSeries, 'state-timeline': stateTimeline } as const

type Size = readonly [width: number, height: number]

function timeSeries(panel: Panel, answers: Answers, size: Size): string {
  const series = namedSeries(panel, answers)
  const names = series.map(({ name }) => name)
  const { decimals, min, max, unit } = fieldOf(panel, '')
  const largest = Math.max(1, ...series.flatMap(({ points }) => points.map(([, value]) => value)))
  const interval = intervalOf(unit, largest / 5)
  const option = {
    legend: { ...LEGEND, data: names },
    xAxis: timeAxis(answers.range),
    yAxis: {
      type: 'value',
      min,
      max,
      scale: true,
      splitNumber: 5,
      ...(interval ? { interval, max: interval * Math.ceil(largest / interval) } : {}),
      ...(decimals === 0 ? { minInterval: 1 } : {}),
      axisLabel: { color: TEXT, formatter: (value: number) => shown(value, { unit }).text },
      splitLine: { lineStyle: { color: LINES } },
    },
    series: series.map((each, index) => lineOf(panel, each, PALETTE[index % PALETTE.length] ?? TEXT, answers.range)),
  }
  return svgOf(option, size, names)
}

/** Between two lines of the grid, for units that are not decimal. */
function intervalOf(unit: string, least: number): number | undefined {
  if (unit === 'bytes') return 2 ** Math.ceil(Math.log2(least))
  return unit === 's' && least > 10 ? SECONDS.find(each => each >= least) : undefined
}

function lineOf(panel: Panel, { name, points }: Named, fallback: string, range: TimeRange): unknown {
  const { color, custom = {} } = fieldOf(panel, name)
  const { fillOpacity = 0, lineWidth = 1, lineInterpolation, stacking } = custom
  return {
    name,
    type: 'line',
    showSymbol: false,
    color: colorOf(color?.fixedColor ?? fallback),
    lineStyle: { width: lineWidth },
    areaStyle: { opacity: fillOpacity / 100 },
    stack: stacking ? 'all' : undefined,
    step: lineInterpolation === 'stepAfter' ? 'end' : undefined,
    data: withGaps(points, range, stacking !== undefined),
  }
}

/** A row for each series, with a bar as long as its value stays the same. */
function stateTimeline(panel: Panel, answers: Answers, size: Size): string {
  const series = namedSeries(panel, answers).toSorted((a, b) => b.name.localeCompare(a.name))
  const field = fieldOf(panel, '')
  const states = (field.mappings ?? []).flatMap(({ options }) => Object.values(options))
  const names = states.map(({ text }) => text)
  const bars = series.flatMap(({ points }, row) => barsOf(row, points, answers.range.step))
  const option = {
    legend: { ...LEGEND, data: names },
    xAxis: timeAxis(answers.range),
    yAxis: {
      type: 'category',
      data: series.map(({ name }) => name),
      axisLabel: { color: TEXT },
      axisTick: { show: false },
    },
    series: [
      ...states.map(({ text, color = TEXT }) => ({ name: text, type: 'line', color: colorOf(color), data: [] })),
      {
        type: 'custom',
        data: bars,
        encode: { y: 0, x: [1, 2] },
        renderItem: barItem(value => shown(value, field).color),
      },
    ],
  }
  return svgOf(option, size, names)
}

interface Drawing {
  value(dimension: number): number
  coord(point: readonly [number, number]): [number, number]
  size(span: readonly [number, number]): [number, number]
}

function barItem(colorAt: (value: number) => string | undefined) {
  return (_: unknown, drawing: Drawing) => {
    const row = drawing.value(0)
    const [left, middle] = drawing.coord([drawing.value(1), row])
    const [right] = drawing.coord([drawing.value(2), row])
    const height = drawing.size([0, 1])[1] * 0.8
    const shape = { x: left, y: middle - height / 2, width: right - left, height }
    return { type: 'rect', shape, style: { fill: colorAt(drawing.value(3)) ?? TEXT, opacity: 0.85 } }
  }
}

/** Row, start, end (milliseconds) and value of each span without a change. */
function barsOf(row: number, points: Series['points'], step: number): readonly (readonly number[])[] {
  const bars: [row: number, start: number, end: number, value: number][] = []
  for (const [at, value] of points) {
    const last = bars.at(-1)
    if (last && last[3] === value && at * 1000 <= last[2]) last[2] = (at + step) * 1000
    else bars.push([row, at * 1000, (at + step) * 1000, value])
  }
  return bars
}

/** Milliseconds. Where there is no point, the line has a gap, and a stack has nothing. */
function withGaps(points: Series['points'], { start, end, step }: TimeRange, isStacked: boolean): readonly unknown[] {
  const values = new Map(points.map(([at, value]) => [Math.round((at - start) / step), value]))
  const count = Math.floor((end - start) / step) + 1
  return Array.from({ length: count }, (_, index) => [
    (start + index * step) * 1000,
    values.get(index) ?? (isStacked ? 0 : null),
  ])
}

function namedSeries({ id, targets = [] }: Panel, { panels }: Answers): readonly Named[] {
  return targets.flatMap((target, index) =>
    (panels[id]?.[index] ?? []).map(each => ({ points: each.points, name: legendOf(target, each) })),
  )
}

function timeAxis({ start, end }: TimeRange): unknown {
  return {
    type: 'time',
    min: start * 1000,
    max: end * 1000,
    splitNumber: 4,
    axisLabel: { color: TEXT, formatter: '{HH}:{mm}', hideOverlap: true },
    axisLine: { lineStyle: { color: LINES } },
    splitLine: { show: true, lineStyle: { color: LINES } },
  }
}

/** @param names those of the legend: ECharts leaves no room for it */
function svgOf(option: EChartsCoreOption, [width, height]: Size, names: readonly string[]): string {
  const taken = names.reduce((sum, name) => sum + 32 + CHARACTER * name.length, 0)
  const lines = Math.max(1, Math.ceil(taken / (0.85 * width)))
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  const grid = {
    left: 8,
    right: 16,
    top: 10,
    bottom: 18 * lines + 6,
    outerBoundsMode: 'same',
    outerBoundsContain: 'axisLabel',
  }
  chart.setOption({ animation: false, useUTC: true, textStyle: FONT, grid, ...option })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg
}
