/** The init container that lets an empty volume become a seid home, before the sidecar starts: `initContainer`. */
import type { Container } from 'kubernetes-types/core/v1.d.ts'
import { INIT_CONTAINER } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { imagePullPolicy } from './container-settings.ts'
import type { NodeSettings } from './node-settings.ts'
import { DATA_DIR } from './paths.ts'
import { SEID_INIT } from './scripts.gen.ts'
import { containerSecurityContext } from './security.ts'
import { seidEnvironment, seidMounts } from './seid-container.ts'

/** The sidecar skips configure-state-sync while this mark of an earlier run is on the volume. */
const RESET_STATE_SYNC = 'rm -f "$SEI_HOME/.sei-sidecar-statesync-done"'

/**
 * It runs before the sidecar, which writes a config.toml when it starts: `seid init` would refuse the volume then. What
 * comes from the spec reaches the script as arguments only.
 */
export function initContainer(node: SeiNode, settings: NodeSettings, resetsStateSync: boolean): Container {
  const onEmptyVolume = node.spec.genesis?.pvc ? 'fail' : 'init'
  return {
    name: INIT_CONTAINER,
    image: settings.image,
    imagePullPolicy: imagePullPolicy(settings.image),
    command: initCommand(SEID_INIT, INIT_CONTAINER, resetsStateSync),
    args: [settings.chainId, settings.name, onEmptyVolume],
    env: [...seidEnvironment(), { name: 'SEI_HOME', value: DATA_DIR }],
    // As seid's: the pod's request does not grow, and a namespace with a quota admits the pod.
    resources: settings.resources,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: containerSecurityContext(),
    volumeMounts: seidMounts(),
  }
}

/** @param name $0 of the script */
export function initCommand(script: string, name: string, resetsStateSync: boolean): string[] {
  return ['/bin/sh', '-c', resetsStateSync ? `${RESET_STATE_SYNC}\n${script}` : script, name]
}
