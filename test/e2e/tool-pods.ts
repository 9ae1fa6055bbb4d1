/** Pods that test from inside the cluster: `runToolPod` starts one, `rpc` asks a chain node's RPC from it. */
import type { Pod, PodSpec } from 'kubernetes-types/core/v1.d.ts'

import { pods } from '../../src/kube/resources.ts'
import type { ObjectKey } from '../../src/kube/types.ts'
import { until } from '../support/until.ts'
import { type Cluster, images } from './cluster.ts'

export interface ToolPod {
  readonly namespace: string
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
  /** A program below testing/realcluster/tools with its arguments; idle by default. */
  readonly program?: readonly [name: string, ...args: string[]]
  /** It sees the processes of the whole machine, and may signal those of its user, which seid's are. */
  readonly hostPID?: boolean
  /** Claims by the path at which the pod sees them. */
  readonly claims?: Readonly<Record<string, string>>
}

/** Every tool pod has it. */
export const TOOL_LABEL = 'e2e.sei.io/tool'
const CONTAINER = 'tool'
const NODE = '/nodejs/bin/node'
const DEADLINE_MS = 90_000

/** Resolves when it runs. */
export async function runToolPod(cluster: Cluster, pod: ToolPod): Promise<void> {
  const { namespace, name, labels = {} } = pod
  const metadata = { namespace, name, labels: { ...labels, [TOOL_LABEL]: name } }
  await cluster.client.create(pods, { metadata, spec: specOf(pod) })
  let found: Pod | undefined
  await until(
    `pod ${namespace}/${name} to run`,
    async () => {
      found = await cluster.client.get(pods, { namespace, name })
      return found?.status?.phase === 'Running' ? found : undefined
    },
    { deadlineMs: DEADLINE_MS, intervalMs: 200, found: () => found?.status },
  )
}

/** Connects from the pod to each HOST:PORT; resolves with how it went, by address: "connected", "refused", "no answer". */
export async function connectFrom(
  cluster: Cluster,
  { namespace = '', name }: ObjectKey,
  addresses: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const results: Record<string, string> = JSON.parse(
    await cluster.exec(namespace, name, CONTAINER, [NODE, '/app/connect.mjs', ...addresses]),
  )
  return results
}

const FETCH = 'console.log(await (await fetch(process.argv[1])).text())'

/** The answer of seid's RPC at `host`, without the envelope that some releases put around it. */
export async function rpc<T>(
  cluster: Cluster,
  { namespace = '', name }: ObjectKey,
  host: string,
  path: string,
): Promise<T> {
  const url = `http://${host}:26657${path}`
  const text = await cluster.exec(namespace, name, CONTAINER, [NODE, '--input-type=module', '--eval', FETCH, url])
  const answer: T & { readonly result?: T } = JSON.parse(text)
  return answer.result ?? answer
}

const SIGNAL_SEID =
  'found=1; for p in /proc/[0-9]*; do if grep -q "$1" $p/cgroup 2>/dev/null && grep -qx seid $p/comm; then kill -s "$0" ${p#/proc/} && found=0; fi; done; exit $found'

export type SeidSignal = 'STOP' | 'CONT' | 'KILL'

/** Signals seid of the pod with that UID, from a tool pod with `hostPID`: STOP and KILL work only from outside the container. */
export async function signalSeid(
  cluster: Cluster,
  { namespace = '', name }: ObjectKey,
  podUID: string,
  signal: SeidSignal,
): Promise<void> {
  // One driver of cgroups writes the UID with dashes, the other with underscores.
  const pattern = podUID.replaceAll('-', '[-_]')
  await cluster.exec(namespace, name, CONTAINER, ['sh', '-c', SIGNAL_SEID, signal, pattern])
}

// Fit for namespaces that enforce the restricted level of pod security, as the operator's does.
function specOf({ program, hostPID = false, claims = {} }: ToolPod): PodSpec {
  const mounts = Object.entries(claims).map(([mountPath, claimName], index) => ({
    name: `volume-${index}`,
    mountPath,
    claimName,
  }))
  const [tool, ...args] = program ?? []
  return {
    terminationGracePeriodSeconds: 1,
    hostPID,
    tolerations: [{ key: 'sei.io/workload', operator: 'Exists' }],
    automountServiceAccountToken: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: CONTAINER,
        image: images.tools,
        command: tool === undefined ? ['sleep', '86400'] : [NODE, `/app/${tool}.mjs`, ...args],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        volumeMounts: mounts.map(({ name, mountPath }) => ({ name, mountPath, readOnly: true })),
      },
    ],
    volumes: mounts.map(({ name, claimName }) => ({ name, persistentVolumeClaim: { claimName } })),
  }
}
