/** What holds a node at `spec.haltHeight`: the container that reports the height of its volume, `heightContainers`, and seid's container that does not start seid at that height, `withHaltGuard`. */
import type { Container, Pod } from 'kubernetes-types/core/v1.d.ts'
import { HEIGHT_CONTAINER } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import type { NodeSettings } from './node-settings.ts'
import { DATA_DIR } from './paths.ts'
import { HALT_GUARD } from './scripts.gen.ts'
import { seidContainer } from './seid-container.ts'

/** $0 of the script. */
const SCRIPT_NAME = 'halt-guard'

/** seid reads each of its flags from a variable as well, so that any entrypoint passes it on. */
const HALT_VARIABLE = 'SEID_HALT_HEIGHT'

/** Before the sidecar, so that the height is known when the operator decides whether seid may start. */
export function heightContainers({ spec }: SeiNode, settings: NodeSettings): readonly Container[] {
  if (spec.haltHeight === undefined) return []
  const { ports: _, readinessProbe: __, args: ___, ...container } = seidContainer(settings, spec.env)
  return [
    {
      ...container,
      name: HEIGHT_CONTAINER,
      command: guard('report'),
      args: [DATA_DIR],
      // Where the script writes.
      terminationMessagePath: '/dev/termination-log',
    },
  ]
}

/**
 * seid ends at the height by itself, and its kubelet starts the container again: the guard in front of seid reads the height
 * of the volume each time. It becomes seid, which gets all signals as before.
 */
export function withHaltGuard({ spec }: SeiNode, container: Container): Container {
  if (spec.haltHeight === undefined) return container
  const height = String(spec.haltHeight)
  const { command = [], args = [], env = [], ...rest } = container
  return {
    ...rest,
    command: guard('run'),
    args: [DATA_DIR, height, ...command, ...args],
    env: [...env, { name: HALT_VARIABLE, value: height }],
  }
}

/** Whether the pod has both. */
export function isGuarded({ spec }: Readonly<Pod>): boolean {
  return spec?.initContainers?.some(({ name }) => name === HEIGHT_CONTAINER) === true
}

function guard(mode: 'report' | 'run'): string[] {
  return ['/bin/sh', '-c', HALT_GUARD, SCRIPT_NAME, mode]
}
