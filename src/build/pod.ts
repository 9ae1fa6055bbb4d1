/** The template of a node's pod: `buildPodTemplate`. A change of it restarts the node. */
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import { effectiveMode } from '../api/mode.ts'
import { VALIDATOR_POD_FINALIZER } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { initContainer } from './init-container.ts'
import { nodeLabels } from './labels.ts'
import { childNames } from './names.ts'
import { nodeSettings } from './node-settings.ts'
import type { PlatformConfig } from './platform.ts'
import { podAnnotations, scheduling } from './scheduling.ts'
import { podSecurityContext } from './security.ts'
import { DATA_VOLUME, seidContainer } from './seid-container.ts'
import { sidecarContainer } from './sidecar-container.ts'
import { keyVolumes, validatorInitContainer } from './validator-keys.ts'

/** seid writes out its state when it is told to stop; killed in the middle of it, it may not start again. */
const TERMINATION_GRACE_SECONDS = 120

/** Hash of the configuration that the pod was restarted for. */
const CONFIG_ANNOTATION = 'sei.io/config-hash'

/** What of a pod follows from the node's status rather than from its spec. */
export interface PodState {
  /** Changes when seid has to read its configuration anew; absent for the configuration of the bootstrap. */
  readonly configRevision?: string | undefined
  /** The sidecar is to configure state sync anew: its mark that this was done is removed before it starts. */
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
      labels: nodeLabels(node),
      annotations: { ...podAnnotations(), ...restart },
      ...(isValidator ? { finalizers: [VALIDATOR_POD_FINALIZER] } : {}),
    },
    spec: {
      ...scheduling(platform),
      serviceAccountName: platform.serviceAccount,
      // Nothing in the pod talks to the API server. Credentials for AWS come by a token volume of their own.
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: podSecurityContext(),
      terminationGracePeriodSeconds: TERMINATION_GRACE_SECONDS,
      initContainers: [
        isValidator
          ? validatorInitContainer(node, settings, resetsStateSync)
          : initContainer(node, settings, resetsStateSync),
        sidecarContainer(node, settings, platform),
      ],
      containers: [seidContainer(settings)],
      volumes: [
        { name: DATA_VOLUME, persistentVolumeClaim: { claimName: childNames(node).dataVolume } },
        ...(isValidator ? keyVolumes(node) : []),
      ],
    },
  }
}
