/** How programs find their control plane: environment variables, written by `exec`, read by `attachedControlPlane`. */
import type { ControlPlane } from './cluster.ts'

/** The control plane of a program that did not start it: absolute file names. */
export interface AttachedControlPlane {
  /** The admin's. */
  readonly kubeconfigPath: string
  readonly operatorKubeconfigPath: string
  readonly fakeKubeconfigPath: string
  readonly benchKubeconfigPath: string
  readonly kubectlPath: string
  readonly auditLogPath: string
  readonly dir: string
}

const VARIABLES = {
  kubeconfigPath: 'KUBECONFIG',
  operatorKubeconfigPath: 'SEI_OPERATOR_KUBECONFIG',
  fakeKubeconfigPath: 'SEI_STANDIN_KUBECONFIG',
  benchKubeconfigPath: 'SEI_BENCH_KUBECONFIG',
  kubectlPath: 'KUBECTL',
  auditLogPath: 'SEI_AUDIT_LOG',
  dir: 'SEI_CONTROLPLANE_DIR',
} as const satisfies Record<keyof AttachedControlPlane, string>

/** The environment variables that describe `controlPlane` to a child process. */
export function environmentOf(controlPlane: ControlPlane): Record<string, string> {
  return {
    [VARIABLES.kubeconfigPath]: controlPlane.kubeconfigPath,
    [VARIABLES.operatorKubeconfigPath]: controlPlane.kubeconfigFor('operator'),
    [VARIABLES.fakeKubeconfigPath]: controlPlane.kubeconfigFor('fake'),
    [VARIABLES.benchKubeconfigPath]: controlPlane.kubeconfigFor('bench'),
    [VARIABLES.kubectlPath]: controlPlane.kubectlPath,
    [VARIABLES.auditLogPath]: controlPlane.auditLogPath,
    [VARIABLES.dir]: controlPlane.dir,
    KUBEBUILDER_ASSETS: controlPlane.assetsDir,
    // kubectl's discovery cache must not be in the home directory, where it would outlive this server.
    KUBECACHEDIR: `${controlPlane.dir}/kubectl-cache`,
  }
}

/** The control plane that `node testing/controlplane/main.ts exec` started for this process. Throws if there is none. */
export function attachedControlPlane(env: NodeJS.ProcessEnv): AttachedControlPlane {
  const read = (key: keyof AttachedControlPlane): string => {
    const value = env[VARIABLES[key]]
    if (value === undefined || value === '' || env[VARIABLES.dir] === undefined) {
      throw new Error(
        `this needs a control plane, but ${VARIABLES[key]} is not set: run it with \`make test\`, or as \`node testing/controlplane/main.ts exec -- COMMAND\``,
      )
    }
    return value
  }
  return {
    dir: read('dir'),
    kubeconfigPath: read('kubeconfigPath'),
    operatorKubeconfigPath: read('operatorKubeconfigPath'),
    fakeKubeconfigPath: read('fakeKubeconfigPath'),
    benchKubeconfigPath: read('benchKubeconfigPath'),
    kubectlPath: read('kubectlPath'),
    auditLogPath: read('auditLogPath'),
  }
}
