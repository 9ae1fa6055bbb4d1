/** SeiNodePools with their defaults, as the API server returns them, for tests. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { seiNodePoolSpec, type SeiNodePool } from '../../api/seinodepool.ts'

const manifest = z.object({ metadata: z.object({ name: z.string() }), spec: seiNodePoolSpec })

/** A spec as in a manifest. */
export type PoolSpecInput = z.input<typeof seiNodePoolSpec>

/** @param spec as in a manifest; chain and nodes are optional */
export function seiNodePool(name: string, spec: Partial<PoolSpecInput> = {}): SeiNodePool {
  return {
    apiVersion: 'sei.io/v1alpha1',
    kind: 'SeiNodePool',
    metadata: { name, namespace: 'sei', uid: `uid-of-${name}` },
    spec: seiNodePoolSpec.parse({
      chainId: 'devnet-1',
      nodeConfiguration: { nodeCount: 4, image: 'sei-protocol/seid:v6.4.0' },
      ...spec,
    }),
  }
}

export function samplePool(): SeiNodePool {
  const text = readFileSync(join(import.meta.dirname, '../../../samples/seinodepool-devnet.yaml'), 'utf8')
  const { metadata, spec } = manifest.parse(parse(text))
  return seiNodePool(metadata.name, spec)
}
