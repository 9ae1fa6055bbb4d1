/** The files that a browser loads: `ASSETS`. The bundle holds their text (`hack/build.ts`). */
import { readFileSync } from 'node:fs'

export interface Asset {
  readonly type: string
  readonly text: string
}

function read(specifier: string): string {
  return readFileSync(new URL(import.meta.resolve(specifier)), 'utf8')
}

/**
 * In one file: htmx looks at the page in the next task after its own script, and has to know its extension by then.
 * Between two files there may be that task.
 */
const SCRIPTS = [
  read('htmx.org/dist/htmx.min.js'),
  read('htmx.org/dist/ext/hx-sse.min.js'),
  read('./assets/connection.js'),
].join('\n;')

/** By the path under which they are served. */
export const ASSETS: Readonly<Record<string, Asset>> = {
  '/style.css': { type: 'text/css; charset=utf-8', text: read('./assets/style.css') },
  '/icon.svg': { type: 'image/svg+xml', text: read('./assets/icon.svg') },
  '/console.js': { type: 'text/javascript; charset=utf-8', text: SCRIPTS },
}
