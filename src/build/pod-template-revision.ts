/** Which pod template this operator, with these settings, gives to the nodes of pools: `podTemplateRevision`. */
import type { PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import { ORDINAL_LABEL, POOL_LABEL } from '../api/names.ts'
import type { SeiNode } from '../api/seinode.ts'
import { stableHash } from '../lib/stable-hash.ts'
import type { PlatformConfig } from './platform.ts'
import { buildPodTemplate } from './pod.ts'

const MINIMAL: SeiNode = {
  metadata: {
    name: 'reference-0',
    namespace: 'reference',
    uid: 'reference',
    labels: { [POOL_LABEL]: 'reference', [ORDINAL_LABEL]: '0' },
  },
  spec: {
    chainId: 'reference-1',
    mode: 'validator',
    image: 'seid:v1',
    genesis: { pvc: { dataPVC: 'data-reference-0' } },
  },
}

/** Sets all that a pool may set on its nodes. */
const FULL: SeiNode = {
  metadata: MINIMAL.metadata,
  spec: {
    ...MINIMAL.spec,
    image: `seid@sha256:${'0'.repeat(64)}`,
    entrypoint: { command: ['seid'], args: ['start'] },
    resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } },
    overrides: { 'evm.http_port': '8555' },
    sidecar: {
      image: 'seictl:latest',
      port: 7000,
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } },
    },
  },
}

/** Between them these have every field that the template of a pool's node may have. */
export function referenceTemplates(platform: PlatformConfig): readonly PodTemplateSpec[] {
  return [buildPodTemplate(MINIMAL, platform), buildPodTemplate(FULL, platform, 'configuration')]
}

/**
 * A hash that differs where another version of the operator, or another setting of the platform, makes another template of
 * the same node: what a pool's nodes are made into, not what any one of them asks for.
 */
export function podTemplateRevision(platform: PlatformConfig): string {
  return stableHash(referenceTemplates(platform))
}
