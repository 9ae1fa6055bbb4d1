/** A node's pod template: `buildPodTemplate`. A change of the template restarts the node. */
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import { effectiveMode } from '../api/mode.ts'
import { VALIDATOR_POD_FINALIZER } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { pullSecrets } from './container-settings.ts'
import { heightContainers, withHaltGuard } from './halt-guard.ts'
import { initContainer } from './init-container.ts'
import { nodeLabels, spreadGroup } from './labels.ts'
import { withUserMetadata } from './metadata.ts'
import { childNames } from './names.ts'
import { nodeSettings } from './node-settings.ts'
import type { PlatformConfig } from './platform.ts'
import { podAnnotations, scheduling } from './scheduling.ts'
import { podSecurityContext } from './security.ts'
import { DATA_VOLUME, seidContainer } from './seid-container.ts'
import { sidecarContainer } from './sidecar-container.ts'
import { keyVolumes, validatorInitContainer } from './validator-keys.ts'

/** seid flushes its state when it stops. If it is killed during that, it may not start again. */
const TERMINATION_GRACE_SECONDS = 120

/** Hash of the configuration that the pod was restarted for. */
const CONFIG_ANNOTATION = 'sei.io/config-hash'

/** The parts of a pod template that derive from the node's status. */
export interface PodState {
  /** A change makes seid read a new configuration; absent for the configuration of the bootstrap. */
  readonly configRevision?: string | undefined
  /** State sync must be configured again: the sidecar's marker file of the last time is removed before it starts. */
  readonly resetsStateSync?: boolean
}

export function buildPodTemplate(
  node: SeiNode,
  platform: PlatformConfig,
  { configRevision, resetsStateSync = false }: PodState = {},
): PodTemplateSpec {
  const settings = nodeSettings(node, platform)
  const isValidator = effectiveMode(node.spec) === 'validator'
  const restart = configRevision === undefined ? {} : { [CONFIG_ANNOTATION]: configRevision }
  return {
    metadata: {
      ...withUserMetadata(
        { labels: nodeLabels(node), annotations: { ...podAnnotations(), ...restart } },
        node.spec.podMetadata,
      ),
      ...(isValidator ? { finalizers: [VALIDATOR_POD_FINALIZER] } : {}),
    },
    spec: {
      ...scheduling(platform, node.spec.scheduling, spreadGroup(node)),
      ...pullSecrets(node.spec.imagePullSecrets, platform),
      serviceAccountName: platform.serviceAccount,
      // Nothing in the pod calls the API server. AWS credentials use a token volume of their own.
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: podSecurityContext(),
      terminationGracePeriodSeconds: TERMINATION_GRACE_SECONDS,
      initContainers: [
        isValidator
          ? validatorInitContainer(node, settings, resetsStateSync)
          : initContainer(node, settings, resetsStateSync),
        ...heightContainers(node, settings),
        sidecarContainer(node, settings, platform),
      ],
      containers: [withHaltGuard(node, seidContainer(settings, node.spec.env))],
      volumes: [
        { name: DATA_VOLUME, persistentVolumeClaim: { claimName: childNames(node).dataVolume } },
        ...(isValidator ? keyVolumes(node) : []),
      ],
    },
  }
}
