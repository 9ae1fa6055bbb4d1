/** The container that runs seid: `seidContainer`. */
import type { Container, EnvVar, VolumeMount } from 'kubernetes-types/core/v1.d.ts'
import type { Environment } from '../api/environment.ts'
import { SEID_CONTAINER, SEID_PORTS } from '../api/names.ts'
import { environmentOf, imagePullPolicy } from './container-settings.ts'
import type { NodeSettings } from './node-settings.ts'
import { DATA_DIR, TMP_DIR, USER_HOME } from './paths.ts'
import { containerPort, seidPorts } from './ports.ts'
import { containerSecurityContext } from './security.ts'

/** Name of the pod's volume. */
export const DATA_VOLUME = 'data'

/**
 * It has no liveness probe, because that would kill a node that syncs. It is ready when it lags at most 300 blocks. It is not
 * ready during state sync, when its RPC is closed.
 * @param env further variables
 */
export function seidContainer(settings: NodeSettings, env: Environment | undefined): Container {
  return {
    name: SEID_CONTAINER,
    image: settings.image,
    imagePullPolicy: imagePullPolicy(settings.image),
    command: [...settings.entrypoint.command],
    ...(settings.entrypoint.args.length === 0 ? {} : { args: [...settings.entrypoint.args] }),
    env: environmentOf(seidEnvironment(), env),
    ports: seidPorts().map(containerPort),
    resources: settings.resources,
    readinessProbe: {
      httpGet: { path: '/lag_status', port: SEID_PORTS.rpc, scheme: 'HTTP' },
      periodSeconds: 10,
      timeoutSeconds: 5,
      successThreshold: 1,
      failureThreshold: 3,
    },
    // After a panic the end of the log is the best description of the cause.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: containerSecurityContext(),
    volumeMounts: seidMounts(),
  }
}

/** seid finds its home by --home or $HOME, not by a variable of its own. */
export function seidEnvironment(): EnvVar[] {
  return [
    { name: 'HOME', value: USER_HOME },
    { name: 'TMPDIR', value: TMP_DIR },
  ]
}

/** Mounts the volume twice, so that `seid start` without --home uses it too. */
export function seidMounts(): VolumeMount[] {
  return [
    { name: DATA_VOLUME, mountPath: DATA_DIR },
    { name: DATA_VOLUME, mountPath: `${USER_HOME}/.sei` },
  ]
}
