/** What docs/kubectl-plugin.md holds for tests: `documentedRole`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Role } from 'kubernetes-types/rbac/v1.d.ts'
import { parse } from 'yaml'
import { ROOT } from '../../testing/root.ts'

export const PAGE = join(ROOT, 'docs/kubectl-plugin.md')

/** The Role of that name in the page. */
export function documentedRole(name: string): Role {
  const blocks = readFileSync(PAGE, 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)
  const roles = [...blocks].map(([, text = '']): Role => parse(text))
  const found = roles.find(({ metadata }) => metadata?.name === name)
  if (!found) throw new Error(`${PAGE} has no Role ${name}`)
  return found
}
