/** Fields of how a node's pod is placed and marked, the same for a SeiNode and for the nodes of a SeiNodePool: `placementFields`. */
import { z } from 'zod'
import { seidEnvironment } from './environment.ts'
import { annotations, labels, reserved } from './label-selector.ts'
import { withRules } from './rules.ts'
import { objectName } from './scalars.ts'
import { scheduling } from './scheduling.ts'
import { resourceRequirements } from './shared.ts'

const OWN_PREFIXES = ['sei.io/', 'apps.kubernetes.io/', 'batch.kubernetes.io/', 'statefulset.kubernetes.io/']
const OWN_LABELS = [
  'app.kubernetes.io/name',
  'app.kubernetes.io/instance',
  'app.kubernetes.io/managed-by',
  'controller-revision-hash',
  'controller-uid',
  'job-name',
]
const OWN_ANNOTATIONS = ['karpenter.sh/do-not-disrupt']

/** Labels and annotations that the user adds to objects of the operator. */
export const objectMetadata = z.object({
  labels: withRules(
    labels(32),
    reserved(
      OWN_PREFIXES,
      OWN_LABELS,
      `labels of the operator and of Kubernetes must not be set: those that begin with ${OWN_PREFIXES.join(', ')}, and ${OWN_LABELS.join(', ')}`,
    ),
  )
    .describe('Labels.')
    .exactOptional(),
  annotations: withRules(
    annotations(32),
    reserved(
      ['sei.io/'],
      OWN_ANNOTATIONS,
      `annotations of the operator must not be set: those that begin with sei.io/, and ${OWN_ANNOTATIONS.join(', ')}`,
    ),
  )
    .describe('Annotations.')
    .exactOptional(),
})

export const placementFields = {
  scheduling: scheduling.describe('Which machine the pod runs on.').exactOptional(),
  podMetadata: objectMetadata.describe('Further labels and annotations of the pod.').exactOptional(),
  serviceMetadata: objectMetadata
    .describe('Further labels and annotations of the Service. A change restarts nothing.')
    .exactOptional(),
  imagePullSecrets: z
    .array(
      z.object({ name: objectName('imagePullSecrets.name').describe('Name of the Secret, in the same namespace.') }),
    )
    .max(16)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .describe("Secrets to pull the pod's images with. Default: the platform's, or those of the ServiceAccount.")
    .exactOptional(),
  env: seidEnvironment.describe('Further environment variables of seid.').exactOptional(),
  initResources: resourceRequirements
    .describe('CPU and memory of the init container seid-init. Default: those of seid.')
    .exactOptional(),
}

export type Placement = z.infer<z.ZodObject<typeof placementFields>>
export type ObjectMetadata = z.infer<typeof objectMetadata>
