/** Runs kubectl: `kubectl` for commands that have to succeed, `tryKubectl` for those whose exit code is of interest. */
import { execFile } from 'node:child_process'

export interface KubectlOptions {
  /** KUBECONFIG names the cluster, KUBECTL the program; that of this process by default. */
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly stdin?: string
  /** Appends what kubectl writes to standard error, such as warnings, to its output. */
  readonly withWarnings?: boolean
}

export interface KubectlResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Never rejects for the exit code. */
export function tryKubectl(args: readonly string[], options: KubectlOptions = {}): Promise<KubectlResult> {
  const { env = process.env, cwd, stdin = '' } = options
  if (!env['KUBECONFIG']) throw new Error('KUBECONFIG is not set, so kubectl has no cluster: `make test` starts one')
  return new Promise((resolve, reject) => {
    const child = execFile(
      env['KUBECTL'] ?? 'kubectl',
      args,
      { env, cwd, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(error)
        else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
      },
    )
    child.stdin?.end(stdin)
  })
}

/** Resolves with the standard output. Rejects with kubectl's own message. */
export async function kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await tryKubectl(args, options)
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: exit ${code}: ${stderr.trim()}`)
  return options.withWarnings ? stdout + stderr : stdout
}
