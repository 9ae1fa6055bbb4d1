/** A real Helm: `resolveHelm` takes the program that HELM names, or builds it from its Go module, once; `tryHelm` runs it. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { resolvePinnedProgram } from './controlplane/pinned-program.ts'
import type { KubectlResult } from './kubectl.ts'
import type { ProgressStream } from './progress.ts'
import { ROOT } from './root.ts'

const MODULE = 'helm.sh/helm/v4'

/** The path of the program. Rejects with one sentence that says what is missing and what to do. */
export async function resolveHelm(env: NodeJS.ProcessEnv, stream: ProgressStream = process.stderr): Promise<string> {
  const named = env['HELM']
  if (named) {
    if (!existsSync(named)) throw new Error(`HELM: there is no program ${named}`)
    return named
  }
  const program = {
    name: 'helm',
    title: 'Building Helm with Go',
    moduleDir: join(ROOT, 'hack/helm'),
    package: `${MODULE}/cmd/helm`,
    ldflags: (goMod: string) => [`-X ${MODULE}/internal/version.version=${/helm\/v4 (v\S+)/.exec(goMod)?.[1] ?? ''}`],
    waysOut: 'install Go 1.26 or newer (https://go.dev/dl), or set HELM to the path of a helm program',
  }
  return resolvePinnedProgram(program, env, stream)
}

/**
 * Never rejects for the exit code.
 * @param dir holds Helm's own files, instead of the user's
 */
export async function tryHelm(args: readonly string[], dir: string): Promise<KubectlResult> {
  const program = await resolveHelm(process.env)
  const homes = Object.fromEntries(['CACHE', 'CONFIG', 'DATA'].map(name => [`HELM_${name}_HOME`, join(dir, name)]))
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { env: { ...process.env, ...homes }, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(error)
        else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
      },
    )
  })
}

/** Resolves with the standard output. Rejects with Helm's own message. */
export async function helm(args: readonly string[], dir: string): Promise<string> {
  const { code, stdout, stderr } = await tryHelm(args, dir)
  if (code !== 0) throw new Error(`helm ${args.join(' ')}: exit ${code}: ${stderr.trim()}`)
  return stdout
}
