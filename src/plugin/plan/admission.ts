/** What the API server says to a manifest, without storing it: `admit`. */
import { LAST_APPLIED_ANNOTATION } from './object-diff.ts'
import { ApiError } from '../../kube/errors.ts'
import { resourcePath } from '../../kube/resource-path.ts'
import type { Transport } from '../../kube/transport.ts'
import type { KubeObject, Resource } from '../../kube/types.ts'
import { isRecord } from '../../sidecar/task-result.ts'

export type Admission<T extends KubeObject> =
  | { readonly kind: 'admitted'; readonly object: T }
  /** The API server's own words. */
  | { readonly kind: 'refused'; readonly message: string }

export type Manifest = KubeObject & { readonly metadata: { readonly name: string; readonly namespace: string } }

/**
 * As `kubectl apply` does it: with the annotation of an earlier client-side apply, fields that the manifest no longer has are
 * taken away; otherwise as a server-side apply by `fieldManager`.
 * @throws ApiError where the user may not patch the kind
 */
export async function admit<T extends KubeObject>(
  transport: Pick<Transport, 'json'>,
  resource: Resource<T>,
  manifest: Manifest,
  live: Readonly<T> | undefined,
  { fieldManager, signal }: { readonly fieldManager: string; readonly signal: AbortSignal },
): Promise<Admission<T>> {
  const applied = live?.metadata?.annotations?.[LAST_APPLIED_ANNOTATION]
  const body = applied === undefined ? manifest : threeWayPatch(JSON.parse(applied), manifest)
  const isServerSide = applied === undefined
  return dryRun(transport, resource, manifest.metadata, {
    body,
    contentType: isServerSide ? 'application/apply-patch+yaml' : 'application/merge-patch+json',
    query: isServerSide ? { fieldManager, force: true } : { fieldManager },
    signal,
  })
}

interface DryRun {
  readonly body: unknown
  readonly contentType: string
  readonly query?: Readonly<Record<string, string | boolean>>
  readonly signal: AbortSignal
}

/** A PATCH of which the API server stores nothing. */
export async function dryRun<T extends KubeObject>(
  transport: Pick<Transport, 'json'>,
  resource: Resource<T>,
  { namespace, name }: Manifest['metadata'],
  { body, contentType, query = {}, signal }: DryRun,
): Promise<Admission<T>> {
  const path = resourcePath(resource, { namespace, name }, { ...query, dryRun: 'All', fieldValidation: 'Strict' })
  try {
    const call = { verb: 'patch', resource, namespace, name, path, body, contentType, signal } as const
    return { kind: 'admitted', object: await transport.json<T>(call) }
  } catch (error) {
    if (!(error instanceof ApiError) || !isRefusal(error)) throw error
    return { kind: 'refused', message: error.detail }
  }
}

/** An answer about the object, and none about the user or the server. */
function isRefusal({ status, detail }: ApiError): boolean {
  if (status === 403) return !/\bcannot (patch|create|update) resource\b/.test(detail)
  return status === 400 || status === 409 || status === 422
}

/** RFC 7396: all that the manifest has, and null for what only the earlier one had. */
function threeWayPatch(earlier: unknown, manifest: unknown): unknown {
  if (!isRecord(earlier) || !isRecord(manifest)) return manifest
  const gone = Object.keys(earlier).filter(name => manifest[name] === undefined)
  return {
    ...Object.fromEntries(gone.map(name => [name, null])),
    ...Object.fromEntries(Object.entries(manifest).map(([name, value]) => [name, threeWayPatch(earlier[name], value)])),
  }
}
