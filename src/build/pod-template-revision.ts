/** Which pod template this operator, with these settings, gives to the nodes of pools: `podTemplateRevision`. */
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
    image: 'seid:reference',
    genesis: { pvc: { dataPVC: 'data-reference-0' } },
  },
}

/** Sets all that a pool may set on its nodes. */
const FULL: SeiNode = {
  metadata: MINIMAL.metadata,
  spec: {
    ...MINIMAL.spec,
    entrypoint: { command: ['seid'], args: ['start'] },
    resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } },
    overrides: { 'evm.http_port': '8555' },
    sidecar: {
      image: 'seictl:reference',
      port: 7000,
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } },
    },
  },
}

const known = new WeakMap<PlatformConfig, string>()

/**
 * A hash that differs where another version of the operator, or another setting of the platform, makes another template of
 * the same node: what a pool's nodes are made into, not what any one of them asks for.
 */
export function podTemplateRevision(platform: PlatformConfig): string {
  const revision = known.get(platform) ?? stableHash([MINIMAL, FULL].map(node => buildPodTemplate(node, platform)))
  known.set(platform, revision)
  return revision
}
