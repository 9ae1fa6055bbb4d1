/** The reference of flags and environment variables, made from their tables: `configurationReference`. */
import { PLATFORM_VARIABLES } from '../src/cli/environment.ts'
import { MANAGER_FLAGS } from '../src/cli/manager-options.ts'

/** Markdown; the path is relative to the repository. */
export function configurationReference(): { readonly path: string; readonly text: string } {
  const text = [
    '# Configuration reference',
    '',
    'Made by `make generate` from `src/cli`. A wrong value stops the manager at start, with one message that names every wrong flag and variable.',
    '',
    '## Flags of `manager`',
    '',
    '| flag | default | meaning |',
    '|---|---|---|',
    ...MANAGER_FLAGS.map(
      ({ name, value, default: fallback, meaning }) =>
        `| \`--${name}=${value.replaceAll('|', '\\|')}\` | ${code(fallback)} | ${meaning} |`,
    ),
    '',
    '## Environment variables',
    '',
    '| variable | default | meaning |',
    '|---|---|---|',
    ...Object.values(PLATFORM_VARIABLES).map(
      ({ name, default: fallback, meaning }) => `| \`${name}\` | ${code(fallback)} | ${meaning} |`,
    ),
    '',
  ]
  return { path: 'docs/reference/configuration.md', text: text.join('\n') }
}

/** Nothing where there is no default: a pair of bare backticks is not code. */
function code(text: string): string {
  return text === '' ? '' : `\`${text}\``
}
