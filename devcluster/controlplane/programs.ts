/** The programs that make up a control plane, and where they lie in a directory. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export const PROGRAMS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const
export type Program = (typeof PROGRAMS)[number]

/** The directory that holds all of them, and the path of each. */
export type Binaries = Readonly<Record<Program, string>> & { readonly dir: string }

export function binariesIn(dir: string): Binaries {
  return {
    dir,
    etcd: join(dir, 'etcd'),
    'kube-apiserver': join(dir, 'kube-apiserver'),
    'kube-controller-manager': join(dir, 'kube-controller-manager'),
    'kube-scheduler': join(dir, 'kube-scheduler'),
    kubectl: join(dir, 'kubectl'),
  }
}

export function missingFrom(dir: string): Program[] {
  return PROGRAMS.filter(program => !existsSync(join(dir, program)))
}
