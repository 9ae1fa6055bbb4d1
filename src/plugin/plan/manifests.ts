/** SeiNodes and SeiNodePools in a file of manifests: `parseManifests`. Pure. */
import { parseAllDocuments } from 'yaml'
import { API_VERSION, GROUP } from '../../api/names.ts'
import { isRecord } from '../../sidecar/task-result.ts'
import { EXIT_CODES, PluginError } from '../exit-code.ts'
import type { Manifest } from './admission.ts'

export interface SeiManifest {
  readonly kind: 'SeiNode' | 'SeiNodePool'
  readonly manifest: Manifest
}

export interface ParsedManifests {
  readonly manifests: readonly SeiManifest[]
  /** One sentence for each object of another kind. */
  readonly skipped: readonly string[]
}

/**
 * @param source the file, for messages
 * @param namespace of manifests that name none
 * @throws PluginError where the text is no YAML, or a manifest lacks its kind or name
 */
export function parseManifests(text: string, source: string, namespace: string): ParsedManifests {
  const manifests: SeiManifest[] = []
  const skipped: string[] = []
  for (const [at, value] of documentsOf(text, source)) {
    const place = `${source}, document ${at}`
    if (!isRecord(value)) throw wrong(`${place}: expected a manifest, found ${JSON.stringify(value)}`)
    const { kind, apiVersion, metadata } = value
    if (typeof kind !== 'string' || typeof apiVersion !== 'string')
      throw wrong(`${place}: a manifest needs apiVersion and kind`)
    const name = isRecord(metadata) ? metadata['name'] : undefined
    if (kind !== 'SeiNode' && kind !== 'SeiNodePool') {
      skipped.push(`${kind} ${typeof name === 'string' ? name : 'without a name'}: not a SeiNode or SeiNodePool`)
      continue
    }
    if (apiVersion !== API_VERSION)
      throw wrong(`${place}: ${kind} needs apiVersion ${API_VERSION}, found ${apiVersion}. The group is ${GROUP}`)
    if (!isRecord(metadata) || typeof name !== 'string' || name === '')
      throw wrong(`${place}: ${kind} needs metadata.name`)
    const own = metadata['namespace']
    const target = typeof own === 'string' && own !== '' ? own : namespace
    manifests.push({ kind, manifest: { ...value, metadata: { ...metadata, name, namespace: target } } })
  }
  return { manifests: unique(manifests), skipped }
}

/** Each with its number, from 1 on; those of a List have that of the List. */
function documentsOf(text: string, source: string): readonly (readonly [number, unknown])[] {
  return parseAllDocuments(text).flatMap((document, at) => {
    const [error] = document.errors
    if (error) throw wrong(`${source}, document ${at + 1}: ${error.message.split('\n')[0] ?? ''}`)
    const value: unknown = document.toJS()
    if (value === null) return []
    const items = isRecord(value) && value['kind'] === 'List' ? value['items'] : undefined
    const found: readonly unknown[] = Array.isArray(items) ? items : [value]
    return found.map(each => [at + 1, each] as const)
  })
}

function unique(manifests: readonly SeiManifest[]): readonly SeiManifest[] {
  const seen = new Set<string>()
  for (const { kind, manifest } of manifests) {
    const id = `${kind} ${manifest.metadata.namespace}/${manifest.metadata.name}`
    if (seen.has(id)) throw wrong(`${id} is there twice`)
    seen.add(id)
  }
  return manifests
}

function wrong(message: string): PluginError {
  return new PluginError(message, EXIT_CODES.usage)
}
