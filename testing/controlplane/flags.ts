/** The command lines of the four components, with the reason for each flag. */

export interface Paths {
  readonly dir: string
  readonly etcdData: string
  readonly etcdBackup: string
  readonly certDir: string
  readonly tokens: string
  readonly auditPolicy: string
  readonly auditLog: string
  readonly serviceAccountKey: string
  readonly serviceAccountPublicKey: string
  readonly kubeletClientCert: string
  readonly kubeletClientKey: string
  readonly componentKubeconfig: string
}

/** Paths in the control plane's directory. */
export function pathsIn(dir: string): Paths {
  return {
    dir,
    etcdData: `${dir}/etcd`,
    etcdBackup: `${dir}/etcd-backup`,
    certDir: `${dir}/certs`,
    tokens: `${dir}/tokens.csv`,
    auditPolicy: `${dir}/audit-policy.json`,
    auditLog: `${dir}/audit.log`,
    serviceAccountKey: `${dir}/sa.key`,
    serviceAccountPublicKey: `${dir}/sa.pub`,
    kubeletClientCert: `${dir}/kubelet-client.crt`,
    kubeletClientKey: `${dir}/kubelet-client.key`,
    componentKubeconfig: `${dir}/component.kubeconfig`,
  }
}

export function etcdFlags(paths: Paths, port: number): string[] {
  const url = `http://127.0.0.1:${port}`
  return [
    `--data-dir=${paths.etcdData}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    // With one member the peer port is not used, so the system may choose it.
    '--listen-peer-urls=http://127.0.0.1:0',
    // The data is temporary; without fsync a write takes microseconds instead of milliseconds.
    '--unsafe-no-fsync',
    '--log-level=error',
  ]
}

/** What is known of the machines beside the control plane. */
export interface Machines {
  /** Where the API server listens: the loopback address, or an address that pods reach. */
  readonly apiHost: string
  /** True: kubelets run, at the addresses of their Nodes. False: a fake node replaces them. */
  readonly haveKubelets: boolean
}

export function apiServerFlags(paths: Paths, machines: Machines, port: number, etcdPort: number): string[] {
  const { apiHost, haveKubelets } = machines
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--bind-address=${apiHost}`,
    `--secure-port=${port}`,
    // It creates its serving certificate there. A restart finds the same one, so kubeconfigs stay valid.
    `--cert-dir=${paths.certDir}`,
    // Without these two it needs a default route, and fails on a machine that is offline.
    `--advertise-address=${apiHost}`,
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.96.0.0/16',
    `--token-auth-file=${paths.tokens}`,
    // As in a real cluster: a missing permission of the operator's role must fail a test.
    `--authorization-mode=${haveKubelets ? 'Node,RBAC' : 'RBAC'}`,
    // As in OpenShift: setting blockOwnerDeletion needs the permission to update the owner's finalizers.
    `--enable-admission-plugins=OwnerReferencesPermissionEnforcement${haveKubelets ? ',NodeRestriction' : ''}`,
    '--kubelet-preferred-address-types=InternalIP',
    ...(haveKubelets ? kubeletFlags(paths) : []),
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${paths.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${paths.serviceAccountKey}`,
    `--audit-policy-file=${paths.auditPolicy}`,
    `--audit-log-path=${paths.auditLog}`,
    '--allow-privileged=true',
    '--profiling=false',
  ]
}

/** For logs and exec. */
function kubeletFlags(paths: Paths): string[] {
  return [`--kubelet-client-certificate=${paths.kubeletClientCert}`, `--kubelet-client-key=${paths.kubeletClientKey}`]
}

/**
 * The controllers that decide what becomes of the operator's objects. Left out: those that watch over machines
 * (node lifecycle, pod garbage collection, attach/detach), since the cluster Nodes here are objects without a kubelet;
 * the volume binder and expander, since the fake node provisions (the binder takes 40 ms a claim, one after the
 * other); and EndpointSlices, which may not hold the loopback addresses that pods have here.
 */
const CONTROLLERS = [
  'clusterrole-aggregation-controller',
  'disruption-controller',
  'garbage-collector-controller',
  'job-controller',
  'namespace-controller',
  'persistentvolume-protection-controller',
  'persistentvolumeclaim-protection-controller',
  'root-ca-certificate-publisher-controller',
  'serviceaccount-controller',
  'statefulset-controller',
  'ttl-after-finished-controller',
]

/** With the default of 20 requests a second a benchmark would measure the built-in controllers, not the operator. */
const CLIENT_LIMITS = ['--kube-api-qps=1000', '--kube-api-burst=2000']

export function controllerManagerFlags(paths: Paths, { haveKubelets }: Machines): string[] {
  return [
    `--kubeconfig=${paths.componentKubeconfig}`,
    `--controllers=${haveKubelets ? '*' : CONTROLLERS.join(',')}`,
    ...CLIENT_LIMITS,
    '--concurrent-statefulset-syncs=20',
    '--concurrent-job-syncs=20',
    '--concurrent-gc-syncs=40',
    '--concurrent-namespace-syncs=20',
    '--concurrent-service-endpoint-syncs=10',
    `--service-account-private-key-file=${paths.serviceAccountKey}`,
    `--root-ca-file=${paths.certDir}/apiserver.crt`,
    '--leader-elect=false',
    // It serves nothing, so no port can be in use.
    '--secure-port=0',
    '--profiling=false',
  ]
}

export function schedulerFlags(paths: Paths): string[] {
  return [
    `--kubeconfig=${paths.componentKubeconfig}`,
    ...CLIENT_LIMITS,
    '--leader-elect=false',
    '--secure-port=0',
    '--profiling=false',
  ]
}

/** Records what the named users ask for, one line per answered request, without bodies. Everyone else is left out. */
export function auditPolicy(users: readonly string[]): string {
  return JSON.stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata', users }, { level: 'None' }],
  })
}
