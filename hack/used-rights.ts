/** Holds an audit log against the rights that the operator is given: `readUsedRights`. */
import { ACCESS_RULES, type AccessRule } from '../src/api/access-rules.ts'
import { auditLines, type AuditLine } from '../testing/audit-log.ts'

export interface UsedRights {
  /** What RBAC refused to anybody in the log, each once: `list /apis/...`. A refusal by admission, such as by a quota, is none. */
  readonly refused: readonly string[]
  /** Rights of which the user made no use: `delete services`. */
  readonly unused: readonly string[]
}

export async function readUsedRights(
  auditLog: string,
  user: string,
  rules: readonly AccessRule[] = ACCESS_RULES,
): Promise<UsedRights> {
  const refused = new Set<string>()
  const used = new Set<string>()
  for await (const request of auditLines(auditLog)) {
    if (request.annotations?.['authorization.k8s.io/decision'] === 'forbid') {
      refused.add(`${request.verb} ${request.requestURI}`)
    } else if (request.user.username === user) {
      for (const right of rightsOf(request)) used.add(right)
    }
  }
  const given = rules.filter(rule => !isAskedByOthers(rule)).flatMap(namesOf)
  return { refused: [...refused], unused: given.filter(right => !used.has(right)) }
}

function rightsOf({ verb, objectRef, responseStatus }: AuditLine): readonly string[] {
  if (objectRef?.resource === undefined) return []
  const { apiGroup = '', resource, subresource } = objectRef
  const target = nameOf(apiGroup, subresource === undefined ? resource : `${resource}/${subresource}`)
  // An apply that made the object was allowed to create it, too.
  return verb === 'patch' && responseStatus?.code === 201
    ? [`patch ${target}`, `create ${target}`]
    : [`${verb} ${target}`]
}

// No request of the operator has it as its target. Admission asks for the one when an owner reference blocks deletion, and
// refuses without it. Kubelets ask for the other, which review the access of whoever queries them.
function isAskedByOthers({ resource }: AccessRule): boolean {
  return resource.endsWith('/finalizers') || resource === 'nodes/stats'
}

function namesOf({ verbs, group, resource }: AccessRule): readonly string[] {
  return verbs.map(verb => `${verb} ${nameOf(group, resource)}`)
}

function nameOf(group: string, resource: string): string {
  return group === '' ? resource : `${resource}.${group}`
}
