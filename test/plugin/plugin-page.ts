/** What docs/kubectl-plugin.md holds for tests: `documentedRole`, `documentedFile`. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Role } from 'kubernetes-types/rbac/v1.d.ts'
import { parse } from 'yaml'
import { ROOT } from '../../testing/root.ts'

export const PAGE = join(ROOT, 'docs/kubectl-plugin.md')

/** The Role of that name in the page. */
export function documentedRole(name: string): Role {
  const roles = blocksOfYaml().map((text): Role => parse(text))
  const found = roles.find(({ metadata }) => metadata?.name === name)
  if (!found) throw new Error(`${PAGE} has no Role ${name}`)
  return found
}

/** The manifest that the page has under the name of that file. */
export function documentedFile(name: string): string {
  const found = blocksOfYaml().find(text => text.startsWith(`# ${name}\n`))
  if (found === undefined) throw new Error(`${PAGE} has no file ${name}`)
  return found
}

function blocksOfYaml(): readonly string[] {
  return [...readFileSync(PAGE, 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text)
}
