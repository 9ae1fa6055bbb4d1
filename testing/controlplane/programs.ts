/** The programs that make up a control plane, and where they lie in a directory. */
import { join } from 'node:path'

export const PROGRAMS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const
export type Program = (typeof PROGRAMS)[number]

/** The package of each below hack/controlplane. */
export const GO_PACKAGES: Readonly<Record<Program, string>> = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
}

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
