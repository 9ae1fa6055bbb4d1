/** The reference of conditions and reasons: `conditionsReference` gives the text of docs/reference/conditions.md. */
import { NODE_CONDITIONS, NODE_REASONS, POOL_CONDITIONS, POOL_REASONS } from '../src/api/conditions.ts'
import type { Reason } from '../src/api/reason.ts'

/** Markdown; the path is relative to the repository. */
export function conditionsReference(): { readonly path: string; readonly text: string } {
  const text = [
    '# Conditions and their reasons',
    '',
    'Made by `make generate` from `src/api`. Every condition carries the `observedGeneration` that it was set for.',
    ...kindSection('SeiNode', NODE_CONDITIONS, NODE_REASONS),
    ...kindSection('SeiNodePool', POOL_CONDITIONS, POOL_REASONS),
    '',
  ]
  return { path: 'docs/reference/conditions.md', text: text.join('\n') }
}

function kindSection(
  kind: string,
  conditions: Readonly<Record<string, string>>,
  reasons: Readonly<Record<string, Readonly<Record<string, Reason>>>>,
): readonly string[] {
  const lines = ['', `## ${kind}`]
  for (const [type, ofType] of Object.entries(reasons)) {
    lines.push('', `### ${type}`, '', conditions[type] ?? '', '')
    lines.push('| reason | status | meaning | what to do |', '|---|---|---|---|')
    for (const [name, { status, meaning, whatToDo }] of Object.entries(ofType)) {
      lines.push(`| ${name} | ${status} | ${meaning} | ${whatToDo} |`)
    }
  }
  return lines
}
