/** Errors of the API client as one sentence with what to do: `explain`. */
import { GROUP } from '../api/names.ts'
import { ApiError, ConfigError, TransportError } from '../kube/errors.ts'
import { messageOf } from '../kube/http-error.ts'
import { PluginError } from './exit-code.ts'

/** The verbs that RBAC knows, where those of the client differ. */
const RBAC_VERBS: Readonly<Record<string, string>> = { apply: 'patch' }

/** @param source where the connection comes from, such as `kubeconfig /home/me/.kube/config, context prod` */
export function explain(error: unknown, source: string | undefined): string {
  const where = source === undefined ? '' : ` (${source})`
  if (error instanceof PluginError) return error.message
  if (error instanceof ConfigError) return `${error.message}. Name a kubeconfig with --kubeconfig or KUBECONFIG`
  if (error instanceof TransportError) {
    if (error.kind === 'credentials') return `${error.message}${where}. Log in to the cluster, then repeat the command`
    return `the API server does not answer${where}: ${detailOf(error)}. Check that the cluster runs and that --context names the right one`
  }
  if (!(error instanceof ApiError)) return messageOf(error)
  const { status, detail, details, asked } = error
  if (status === 401)
    return `the API server refuses your credentials${where}. Log in to the cluster, then repeat the command`
  if (status === 403) return forbidden(asked.operation, asked.object)
  // The conflict of an apply is about field managers.
  if (status === 409 && asked.operation !== 'apply')
    return `${asked.object} was changed meanwhile (${detail}): repeat the command`
  const isKindMissing = status === 404 && details?.name === undefined && asked.object.includes(`.${GROUP}`)
  if (isKindMissing)
    return `the cluster has no kinds of ${GROUP}${where}: install the operator with its CRDs, or choose another cluster with --context`
  return `${asked.operation} ${asked.object}: ${detail}`
}

/** Names verb, resource and namespace of the right that is missing. */
function forbidden(operation: string, object: string): string {
  const verb = RBAC_VERBS[operation] ?? operation
  const inNamespace = /^(\S+) in (\S+)$/.exec(object)
  const named = /^(\S+) (\S+)\/(\S+)$/.exec(object)
  const [resource = object, namespace] = inNamespace?.slice(1) ?? named?.slice(1) ?? []
  const place = namespace === undefined ? 'in all namespaces' : `in namespace ${namespace}`
  const hint = namespace === undefined ? '. Name a namespace with -n, or ask' : '. Ask'
  return `you may not ${verb} ${resource} ${place}${hint} an administrator for a role with that right`
}

function detailOf(error: TransportError): string {
  return error.message.slice(`${error.asked.operation} ${error.asked.object}: `.length)
}
