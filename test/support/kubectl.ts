/** kubectl against the cluster of KUBECONFIG, for tests: `kubectl`, `succeed`; and `ROOT`, the repository. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

export interface KubectlResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs kubectl; never rejects for its exit code. */
export function kubectl(args: readonly string[], stdin = ''): Promise<KubectlResult> {
  const { KUBECONFIG, KUBECTL, KUBEBUILDER_ASSETS } = process.env
  if (!KUBECONFIG) {
    throw new Error('KUBECONFIG is not set: these tests need a real API server; `make test` starts one')
  }
  const command = KUBECTL ?? (KUBEBUILDER_ASSETS ? join(KUBEBUILDER_ASSETS, 'kubectl') : 'kubectl')
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error)
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
    child.stdin?.end(stdin)
  })
}

/** Like `kubectl`, for calls that must succeed. */
export async function succeed(args: readonly string[], stdin = ''): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, stdin)
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: exit ${code}: ${stderr}`)
  return stdout
}
