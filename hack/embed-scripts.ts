/** Writes src/build/scripts.gen.ts: the shell scripts of src/build/scripts as constants, so that a bundle holds them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const BUILD_DIR = join(import.meta.dirname, '../src/build')

/** `seid-init.sh` becomes the constant `SEID_INIT`. The path is relative to the repository. */
export function embeddedScripts(): { readonly path: string; readonly text: string } {
  const dir = join(BUILD_DIR, 'scripts')
  const files = readdirSync(dir)
    .filter(file => file.endsWith('.sh'))
    .toSorted()
  const constants = files.map(file => {
    const name = file.replace(/\.sh$/, '').replaceAll('-', '_').toUpperCase()
    return `export const ${name} = ${templateLiteral(withoutComments(readFileSync(join(dir, file), 'utf8')))}\n`
  })
  const text = ['/** Generated from scripts/*.sh by hack/embed-scripts.ts. */\n', ...constants].join('\n')
  return { path: 'src/build/scripts.gen.ts', text }
}

// Scripts are part of pod templates: a better comment must not restart a fleet of nodes.
function withoutComments(script: string): string {
  return script
    .split('\n')
    .filter(line => !/^\s*(#|$)/.test(line))
    .map(line => `${line}\n`)
    .join('')
}

function templateLiteral(text: string): string {
  return `\`${text.replaceAll(/[\\`]|\$\{/g, String.raw`\$&`)}\``
}
