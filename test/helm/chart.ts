/** What the Helm chart makes of values: `renderChart`, `tryRender`. */
import { join } from 'node:path'
import { helm, tryHelm } from '../../testing/helm.ts'
import type { KubectlResult } from '../../testing/kubectl.ts'
import { ROOT } from '../../testing/root.ts'
import { inNewDirectory, Rendered } from '../deploy/rendered.ts'

export const CHART = join(ROOT, 'charts/sei-k8s-controller')
export const NAMESPACE = 'sei-k8s-controller-system'

/** Values as `--set` has them, by path, in JSON. */
export type Values = Readonly<Record<string, unknown>>

export function valueFlags(values: Values): readonly string[] {
  return Object.entries(values).flatMap(([path, value]) => ['--set-json', `${path}=${JSON.stringify(value)}`])
}

/** @param chart the directory of another version of the chart */
export async function renderChart(values: Values = {}, namespace = NAMESPACE, chart = CHART): Promise<Rendered> {
  const args = ['template', 'sei', chart, `--namespace=${namespace}`, ...valueFlags(values)]
  return new Rendered(await inNewDirectory(dir => helm(args, dir)))
}

/** What Helm says to values that the schema refuses. */
export function tryRender(values: Values): Promise<KubectlResult> {
  return inNewDirectory(dir => tryHelm(['template', 'sei', CHART, ...valueFlags(values)], dir))
}
