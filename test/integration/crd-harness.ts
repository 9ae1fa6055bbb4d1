/** What the tests of the CRDs share: a namespace of their own, and what the API server stores of manifests. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { kubectl, tryKubectl } from '../../testing/kubectl.ts'
import { ROOT } from '../../testing/root.ts'
import { until } from '../support/until.ts'

export interface Manifest {
  readonly kind: 'SeiNode' | 'SeiNodePool'
  readonly name: string
  readonly spec: unknown
}

export interface StoredObject {
  readonly metadata: { readonly name: string }
  readonly spec: Readonly<Record<string, unknown>>
  readonly status?: unknown
}

/** One object as the API server stores it. */
export async function getObject(namespace: string, kind: string, name: string): Promise<StoredObject> {
  const object: StoredObject = JSON.parse(await kubectl(['get', kind, name, '-n', namespace, '-o', 'json']))
  return object
}

/** All objects of a kind as the API server stores them. */
export async function listObjects(namespace: string, kind: string): Promise<readonly StoredObject[]> {
  const list: { items: readonly StoredObject[] } = JSON.parse(
    await kubectl(['get', kind, '-n', namespace, '-o', 'json']),
  )
  return list.items
}

/** Installs the CRDs and makes a namespace; resolves with its name. */
export async function prepareNamespace(): Promise<string> {
  await kubectl(['apply', '--server-side', '--force-conflicts', '-k', join(ROOT, 'config/crd')])
  let answer = ''
  await until(
    'the CRDs to be served',
    async () => {
      const { code, stderr } = await tryKubectl(['get', 'seinodes,seinodepools', '-n', 'default'])
      answer = stderr
      return code === 0 || undefined
    },
    { found: () => answer },
  )
  const namespace = `crd-${randomBytes(5).toString('hex')}`
  await kubectl(['create', 'namespace', namespace])
  return namespace
}

export async function removeNamespace(namespace: string): Promise<void> {
  await tryKubectl(['delete', 'seinodes,seinodepools', '--all', '-n', namespace, '--wait=false'])
  await tryKubectl(['delete', 'namespace', namespace, '--wait=false'])
}

/** Input for `kubectl -f -`. */
export function listOf(manifests: readonly Manifest[]): string {
  const items = manifests.map(({ kind, name, spec }) => ({
    apiVersion: 'sei.io/v1alpha1',
    kind,
    metadata: { name },
    spec,
  }))
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
}

/** The flags of a dry run without client-side validation. */
export const DRY_RUN = ['--dry-run=server', '--validate=false']

/**
 * Hands all manifests over in one call of `verb`; resolves with the API server's refusals by object name. An object
 * without an entry was accepted.
 */
export async function refusals(
  namespace: string,
  verb: readonly string[],
  manifests: readonly Manifest[],
): Promise<ReadonlyMap<string, string>> {
  const { stderr } = await tryKubectl([...verb, '-n', namespace, '-f', '-'], { stdin: listOf(manifests) })
  const byName = new Map<string, string>()
  for (const error of stderr.split(/^(?=Error from server|The Sei|error)/m)) {
    if (error.trim() === '') continue
    const name = /sei\.io "([^"]*)" is invalid|The SeiNode(?:Pool)? "([^"]*)" is invalid/.exec(error)
    const key = name?.[1] ?? name?.[2]
    if (key === undefined)
      throw new Error(`kubectl ${verb[0]} failed for another reason than an invalid object: ${error}`)
    byName.set(key, error)
  }
  return byName
}
