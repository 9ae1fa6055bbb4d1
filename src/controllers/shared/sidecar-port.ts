/** The port that a pod's sidecar listens on, which its spec may have changed since: `sidecarPortOf`. Pure. */
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { SIDECAR_CONTAINER, SIDECAR_PORT_VARIABLE } from '../../api/names.ts'

/** As the pod was made; undefined for a pod without a sidecar that says it. */
export function sidecarPortOf({ spec }: Readonly<Pod>): number | undefined {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  const sidecar = containers.find(({ name }) => name === SIDECAR_CONTAINER)
  const said = sidecar?.env?.find(({ name }) => name === SIDECAR_PORT_VARIABLE)?.value
  return said === undefined ? sidecar?.ports?.[0]?.containerPort : Number(said)
}
