/** Parses a call to the API server from its URL: `readApiCall`. */

export interface ApiCall {
  readonly method: string
  readonly path: string
  /** Plural, with the subresource: `seinodes/status`. */
  readonly resource: string
  /** Name of the object; empty for a collection, and for a creation by POST. */
  readonly name: string
  /** The kind's object that an event is about. */
  readonly regarding?: string
}

const PATH = /^\/(?:api|apis\/[^/]+)\/[^/]+\/(?:namespaces\/[^/]+\/)?([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/

export function readApiCall(method: string, url: string, body: string): ApiCall {
  const path = url.split('?')[0] ?? ''
  const [, plural = path, name = '', subresource] = PATH.exec(path) ?? []
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`
  if (plural !== 'events' || method !== 'POST') return { method, path, resource, name }
  const event: { readonly regarding?: { readonly name?: string } } = JSON.parse(body)
  const regarding = event.regarding?.name
  return { method, path, resource, name, ...(regarding === undefined ? {} : { regarding }) }
}

/** Whether the call is about the SeiNode `node` or one of the objects that are named after it. */
export function concerns(call: ApiCall, node: string): boolean {
  return [node, `data-${node}`, `${node}-sidecar`, `${node}-0`].includes(call.regarding ?? call.name)
}
