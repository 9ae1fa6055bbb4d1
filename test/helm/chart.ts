/** What the Helm chart makes of values: `renderChart`, `tryRender`. */
import { join } from 'node:path'
import { helm, tryHelm } from '../../testing/helm.ts'
import type { KubectlResult } from '../../testing/kubectl.ts'
import { ROOT } from '../../testing/root.ts'
import { inNewDirectory, Rendered } from '../deploy/rendered.ts'

export const CHART = join(ROOT, 'charts/sei-k8s-controller')
export const NAMESPACE = 'sei-k8s-controller-system'

/** Without it, a Helm that was built from source may take the cluster for one of an unsupported release. */
const KUBE_VERSION = '--kube-version=1.29.0'

/** Values as `--set` has them, by path, in JSON. */
export type Values = Readonly<Record<string, unknown>>

export function valueFlags(values: Values): readonly string[] {
  return Object.entries(values).flatMap(([path, value]) => ['--set-json', `${path}=${JSON.stringify(value)}`])
}

export async function renderChart(values: Values = {}, namespace = NAMESPACE): Promise<Rendered> {
  const args = ['template', 'sei', CHART, KUBE_VERSION, `--namespace=${namespace}`, ...valueFlags(values)]
  return new Rendered(await inNewDirectory(dir => helm(args, dir)))
}

/** What Helm says to values that the schema refuses. */
export function tryRender(values: Values): Promise<KubectlResult> {
  return inNewDirectory(dir => tryHelm(['template', 'sei', CHART, KUBE_VERSION, ...valueFlags(values)], dir))
}
