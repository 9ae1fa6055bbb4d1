/** The init container that makes an empty volume a seid home: `initContainer`. */
import type { Container } from 'kubernetes-types/core/v1.d.ts'
import { INIT_CONTAINER } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { imagePullPolicy } from './container-settings.ts'
import type { NodeSettings } from './node-settings.ts'
import { DATA_DIR } from './paths.ts'
import { SEID_INIT } from './scripts.gen.ts'
import { containerSecurityContext } from './security.ts'
import { seidEnvironment, seidMounts } from './seid-container.ts'

/** Marker file of an earlier configure-state-sync. The sidecar skips the task while it exists. */
const RESET_STATE_SYNC = 'rm -f "$SEI_HOME/.sei-sidecar-statesync-done"'

/**
 * It must run before the sidecar, which writes a config.toml at its start: `seid init` refuses such a volume. Values of the
 * spec are passed to the script only as arguments.
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
    resources: settings.initResources,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: containerSecurityContext(),
    volumeMounts: seidMounts(),
  }
}

/** @param name $0 of the script */
export function initCommand(script: string, name: string, resetsStateSync: boolean): string[] {
  return ['/bin/sh', '-c', resetsStateSync ? `${RESET_STATE_SYNC}\n${script}` : script, name]
}
