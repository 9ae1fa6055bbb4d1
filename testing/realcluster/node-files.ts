/** The configuration files of a node's programs: containerd, its network plugins, the kubelet, CoreDNS. */
import { join } from 'node:path'

import type { Runtime } from './debian-packages.ts'

/** The node's own address, which is also the gateway of every pod and where CoreDNS answers. */
export const NODE_IP = '10.244.0.1'
/** Of the Service `kubernetes`: the API server itself listens there, so nothing has to forward it. */
export const SERVICE_IP = '10.96.0.1'
const POD_RANGE = { subnet: '10.244.0.0/16', rangeStart: '10.244.1.1', gateway: NODE_IP }

export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock'
export const PAUSE_IMAGE = 'localhost/sei-e2e/pause:v1'
export const DNS_READY_PORT = 8181

/** Where things are in the cluster's directory. */
export interface NodePaths {
  readonly containerd: string
  readonly cni: string
  readonly kubelet: string
  readonly volumes: string
  readonly configuration: string
}

export function nodePathsIn(dir: string): NodePaths {
  return {
    containerd: join(dir, 'containerd'),
    cni: join(dir, 'cni'),
    kubelet: join(dir, 'kubelet'),
    volumes: join(dir, 'volumes'),
    configuration: join(dir, 'configuration'),
  }
}

/** Version 2 of the format, which containerd 1.6 to 2.x read. */
export function containerdConfig(paths: NodePaths, runtime: Runtime): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"'
  return `version = 2
root = "${paths.containerd}"
state = "/run/containerd"

[grpc]
address = "${CONTAINERD_SOCKET}"

[plugins."io.containerd.internal.v1.opt"]
path = "${paths.containerd}/opt"

[${cri}]
sandbox_image = "${PAUSE_IMAGE}"
disable_apparmor = true
# Root may lack the right to lower the score.
restrict_oom_score_adj = true

[${cri}.containerd]
snapshotter = "overlayfs"
default_runtime_name = "runc"

[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[${cri}.containerd.runtimes.runc.options]
SystemdCgroup = false

[${cri}.cni]
bin_dir = "${runtime.cniPlugins}"
conf_dir = "${paths.cni}/net.d"
`
}

/** Each pod has a link of its own to the node: what pods send one another is forwarded, where rules can refuse it. */
export function cniConfig(paths: NodePaths): string {
  return JSON.stringify({
    cniVersion: '0.4.0',
    name: 'sei-e2e',
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ipam: {
          type: 'host-local',
          dataDir: `${paths.cni}/addresses`,
          ranges: [[POD_RANGE]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  })
}

export interface KubeletSettings {
  readonly cgroup: string
  readonly maxOpenFiles: number
  /** The certificate of the API server as a client. */
  readonly clientCA: string
}

/** Who may ask the kubelet what is for the API server to decide, as in clusters of kubeadm. */
export function kubeletConfig(paths: NodePaths, { cgroup, maxOpenFiles, clientCA }: KubeletSettings): string {
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    enforceNodeAllocatable: [],
    address: NODE_IP,
    readOnlyPort: 0,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: clientCA },
    },
    authorization: { mode: 'Webhook' },
    rotateCertificates: false,
    clusterDNS: [NODE_IP],
    clusterDomain: 'cluster.local',
    resolvConf: `${paths.configuration}/resolv.conf`,
    registerWithTaints: [{ key: 'sei.io/workload', value: 'sei-node', effect: 'NoSchedule' }],
    failSwapOn: false,
    // The disk is shared with whatever else the machine does: how full it is, is no reason to end pods.
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.available': '0%',
      'imagefs.inodesFree': '0%',
    },
    // Images are here before pods are, and nowhere else.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    protectKernelDefaults: true,
    oomScoreAdj: 0,
    maxOpenFiles,
    maxPods: 200,
    volumePluginDir: `${paths.kubelet}/plugins`,
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
  })
}

export function corefile(kubeconfigPath: string): string {
  return `.:53 {
  bind ${NODE_IP}
  errors
  ready 127.0.0.1:${DNS_READY_PORT}
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${kubeconfigPath} local
    pods insecure
    ttl 0
  }
}
`
}
