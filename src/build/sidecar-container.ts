/** The sidecar container, which bootstraps the volume and delays seid until that is complete: `sidecarContainer`. */
import type { Container, EnvVar } from 'kubernetes-types/core/v1.d.ts'
import { SIDECAR_CONTAINER, SIDECAR_PORT_VARIABLE } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { environmentOf, imagePullPolicy } from './container-settings.ts'
import { sidecarBuckets } from './locations.ts'
import type { NodeSettings } from './node-settings.ts'
import { DATA_DIR, TMP_DIR } from './paths.ts'
import type { PlatformConfig } from './platform.ts'
import { containerPort, sidecarPort } from './ports.ts'
import { containerSecurityContext } from './security.ts'
import { DATA_VOLUME } from './seid-container.ts'
import { uploadInterval } from './upload-interval.ts'

/** Failure threshold of the startup probe. A bootstrap may take days; at one probe a second this takes 68 years. */
const NEVER = 2_147_483_647

/**
 * A restartable init container. Its startup probe passes after mark-ready, and then the kubelet starts seid. While a
 * restarted sidecar waits for another mark-ready, the kubelet does not restart a seid that ends.
 */
export function sidecarContainer(node: SeiNode, settings: NodeSettings, platform: PlatformConfig): Container {
  const { image, port, resources } = settings.sidecar
  return {
    name: SIDECAR_CONTAINER,
    image,
    imagePullPolicy: imagePullPolicy(image),
    restartPolicy: 'Always',
    // Resolved by the image's PATH, so that any image with seictl works, whatever its entrypoint.
    command: ['seictl', 'serve'],
    env: environmentOf(environment(node, settings, platform), node.spec.sidecar?.env),
    ports: [containerPort(sidecarPort(port))],
    resources,
    startupProbe: {
      httpGet: { path: '/v0/healthz', port, scheme: 'HTTP' },
      periodSeconds: 1,
      timeoutSeconds: 3,
      successThreshold: 1,
      failureThreshold: NEVER,
    },
    livenessProbe: {
      httpGet: { path: '/v0/status', port, scheme: 'HTTP' },
      periodSeconds: 10,
      timeoutSeconds: 5,
      successThreshold: 1,
      failureThreshold: 6,
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: containerSecurityContext(),
    volumeMounts: [{ name: DATA_VOLUME, mountPath: DATA_DIR }],
  }
}

// The variables that any version of the sidecar needs. Every version accepts all of them.
function environment(node: SeiNode, settings: NodeSettings, platform: PlatformConfig): EnvVar[] {
  const buckets = sidecarBuckets(node, platform)
  const { destination, schedule } = node.spec.snapshotGeneration ?? {}
  const interval = destination && schedule !== undefined ? uploadInterval(schedule) : undefined
  return Object.entries({
    SEI_HOME: DATA_DIR,
    [SIDECAR_PORT_VARIABLE]: String(settings.sidecar.port),
    SEI_CHAIN_ID: settings.chainId,
    SEI_GENESIS_BUCKET: buckets.genesisBucket,
    SEI_GENESIS_REGION: buckets.genesisRegion,
    SEI_SNAPSHOT_BUCKET: buckets.snapshotBucket,
    SEI_SNAPSHOT_REGION: buckets.snapshotRegion,
    // Without uploads a change of the interval would restart the pod for nothing.
    ...(interval === undefined ? {} : { SEI_SNAPSHOT_UPLOAD_INTERVAL: interval }),
    TMPDIR: TMP_DIR,
  }).map(([name, value]) => ({ name, value }))
}
