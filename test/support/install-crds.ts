/** Puts the project's CRDs on a control plane, from the files that users apply: `installCRDs`. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CustomResourceDefinition } from 'kubernetes-types/apiextensions/v1.d.ts'
import { parse } from 'yaml'
import type { KubeClient } from '../../src/kube/client.ts'
import { customResourceDefinitions } from '../../src/kube/resources.ts'
import { isSubset } from '../../src/lib/subset.ts'
import { until } from './until.ts'

const BASES = join(import.meta.dirname, '../../config/crd/bases')

/** Resolves when the kinds are served. Concurrent calls are safe. */
export async function installCRDs(client: KubeClient): Promise<void> {
  const files = await readdir(BASES)
  await Promise.all(
    files.map(async file => {
      const definition: CustomResourceDefinition = parse(await readFile(join(BASES, file), 'utf8'))
      const name = definition.metadata?.name ?? ''
      const installed = await client.get(customResourceDefinitions, { name })
      // An apply that changes nothing makes the API server compile all rules all the same.
      if (!isSubset(definition.spec, installed?.spec))
        await client.apply(customResourceDefinitions, definition, { fieldManager: 'tests', force: true })
      await until(`CRD ${name} to be served`, async () => {
        const found = await client.get(customResourceDefinitions, { name })
        const isServed = found?.status?.conditions?.some(
          ({ type, status }) => type === 'Established' && status === 'True',
        )
        return isServed ? true : undefined
      })
    }),
  )
}
