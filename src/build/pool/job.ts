/** The common parts of a pool's Jobs: `buildPoolJob`. */
import type { Job } from 'kubernetes-types/batch/v1.d.ts'
import type { Container, EnvVar, PodSpec, ResourceRequirements } from 'kubernetes-types/core/v1.d.ts'
import { ORDINAL_LABEL, POOL_JOB_LABEL } from '../../api/names.ts'
import type { SeiNodePool } from '../../api/seinodepool.ts'
import { withAppliedHash } from '../applied-hash.ts'
import { containerResources, imagePullPolicy, pullSecrets } from '../container-settings.ts'
import { poolLabels, validatorSelector } from '../labels.ts'
import { withUserMetadata } from '../metadata.ts'
import { ownerReference } from '../owner-reference.ts'
import type { PlatformConfig } from '../platform.ts'
import { podAnnotations, scheduling } from '../scheduling.ts'
import { containerSecurityContext, podSecurityContext } from '../security.ts'

/** Mount path of the genesis volume in Jobs. */
export const GENESIS_DIR = '/genesis'
export const GENESIS_VOLUME = 'genesis'

/** Exit code of a step that must not be retried: its input or its volume is invalid. */
export const REFUSED_EXIT_CODE = 65

/** UIDs of the claims that the Job works on. A Job that completed on other volumes does not count. */
export const JOB_VOLUMES_ANNOTATION = 'sei.io/volume-uids'

/** Failed pods that a Job tolerates. Evicted pods and pods of failed cluster nodes do not count. */
const RETRIES = 3

/** Default resource requests of a step, which copies files for some seconds. */
const STEP_RESOURCES: ResourceRequirements = { requests: { cpu: '100m', memory: '256Mi' } }

export interface PoolJob {
  readonly name: string
  /** `genesis`, or `prep-I`. */
  readonly role: string
  /** Index of the validator whose volume it prepares: its pod is placed as the validator's will be, which then is where the volume is. */
  readonly validator?: number
  /** UIDs of the claims that the pod mounts. */
  readonly volumeUIDs: readonly string[]
  readonly initContainers: readonly Container[]
  readonly container: Container
  readonly volumes: NonNullable<PodSpec['volumes']>
}

/** @throws TypeError where the pool has no UID yet */
export function buildPoolJob(pool: SeiNodePool, platform: PlatformConfig, job: PoolJob): Job {
  const { name, namespace } = pool.metadata
  const { scheduling: where, podMetadata, imagePullSecrets } = pool.spec.nodeConfiguration
  const asked = pool.spec.jobs?.resources
  const resources = asked ? containerResources(asked) : STEP_RESOURCES
  const initContainers = job.initContainers.map(container => ({ ...container, resources }))
  const labels = { ...poolLabels(pool), [POOL_JOB_LABEL]: job.role }
  const isPreparation = job.validator !== undefined
  const podLabels = isPreparation ? { ...labels, [ORDINAL_LABEL]: String(job.validator) } : labels
  const group = { selector: validatorSelector(name), isSpread: isPreparation }
  return withAppliedHash<Job>({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: job.name,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations: { [JOB_VOLUMES_ANNOTATION]: job.volumeUIDs.join(',') },
      ownerReferences: [ownerReference('SeiNodePool', pool)],
    },
    spec: {
      backoffLimit: RETRIES,
      // Two concurrent pods would write to the same volume.
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [
          { action: 'FailJob', onExitCodes: { operator: 'In', values: [REFUSED_EXIT_CODE] } },
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ],
      },
      template: {
        metadata: withUserMetadata(
          { labels: podLabels, annotations: podAnnotations() },
          podMetadata,
          pool.spec.jobs?.podMetadata,
        ),
        spec: {
          ...scheduling(platform, where, group),
          ...pullSecrets(imagePullSecrets, platform),
          restartPolicy: 'Never',
          serviceAccountName: platform.serviceAccount,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: podSecurityContext(),
          ...(initContainers.length === 0 ? {} : { initContainers }),
          containers: [{ ...job.container, resources }],
          volumes: job.volumes,
        },
      },
    },
  })
}

/** Runs a shell script in the user's seid image. Values of the spec are passed only as arguments. */
export function scriptStep(
  name: string,
  image: string,
  script: string,
  args: readonly string[],
  rest: { readonly env: EnvVar[]; readonly volumeMounts: NonNullable<Container['volumeMounts']> },
): Container {
  return step({
    name,
    image,
    command: ['/bin/sh', '-c', script, name],
    ...(args.length === 0 ? {} : { args: [...args] }),
    ...rest,
  })
}

export function step(container: Container & { readonly image: string }): Container {
  return {
    ...container,
    imagePullPolicy: imagePullPolicy(container.image),
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: containerSecurityContext(),
  }
}
