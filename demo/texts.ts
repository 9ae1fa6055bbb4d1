/** What the demo says at its beginning and its end: `introduction`, `outcome`, `lookAround`. Pure. */
import { assertNever } from '../src/lib/assert-never.ts'
import type { ControlPlane } from '../testing/controlplane/cluster.ts'
import { quoted } from '../testing/shell.ts'
import { SIDECAR_RELEASE } from './cast.ts'
import { stuckReport } from './stuck-report.ts'
import type { BootstrapResult } from './watch-bootstrap.ts'

const FAKES = `Fake:    machines, S3, EC2, seid, and the sidecars. These speak the protocol of the seictl release in
         their image tag, or of ${SIDECAR_RELEASE} if the image has none.`

/** @param seictl the program that SEICTL names */
export function introduction(once: boolean, seictl: string | undefined): string {
  const end = once ? 'when all nodes are Running' : 'when you press Ctrl-C'
  return `Sei operator demo: a real Kubernetes API server, the operator, eight Sei nodes, and a pool that
creates a network of four more, from manifest to Running.

Takes about 25 seconds. The first run also builds or downloads Kubernetes' programs, which takes minutes.
Real:    etcd, API server, controller manager, scheduler, and the operator.
${seictl === undefined ? FAKES : `         The sidecars are ${seictl}, whatever the manifests say.\nFake:    machines, S3, EC2, peers and seid.`} No Docker, no cloud.
Everything runs on this machine, and is removed ${end}.

`
}

/** @param elapsedMs since the demo began */
export function outcome({ kind, nodes, pools }: BootstrapResult, elapsedMs: number): string {
  const seconds = (elapsedMs / 1000).toFixed(1)
  switch (kind) {
    case 'all-running':
      return `\nAll ${nodes.length} nodes are Running, ${seconds} s after the start.\n`
    case 'some-failed':
      return `\nA bootstrap failed. ${stuckReport(nodes, pools)}\n`
    case 'deadline':
      return `\nGave up after ${seconds} s. ${stuckReport(nodes, pools)}\n`
    default:
      return assertNever(kind)
  }
}

export function lookAround(controlPlane: ControlPlane, operatorLog: string): string {
  const { dir, kubeconfigPath, kubectlPath } = controlPlane
  return `
Look around in another terminal:

  export KUBECONFIG=${quoted(kubeconfigPath)} KUBECACHEDIR=${quoted(`${dir}/kubectl-cache`)}
  alias kubectl=${quoted(quoted(kubectlPath))}

  kubectl get seinodes --output=wide
  kubectl describe seinode mainnet-0
  kubectl events --for seinode/mainnet-0
  kubectl get seinode mainnet-0 --output=jsonpath-as-json={.status.initPlan}
  kubectl explain seinode.spec.snapshot
  kubectl describe seinodepool devnet
  kubectl delete statefulset pacific-1-seed      # the operator creates it again
  kubectl delete seinode arctic-1-full           # the operator removes its objects
  tail -f ${quoted(operatorLog)}

Ctrl-C here stops and removes everything.
`
}
