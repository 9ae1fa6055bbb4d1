/** What a user would type: `installKinds` makes the API server know the kinds, `applyNodes` applies manifests, `showResult` looks at what came of it. */
import type { Kubectl } from './kubectl.ts'

const CRDS = 'config/crd/bases'
/** The demo's own manifests: one more of each way to bootstrap, and what they need. */
export const MANIFESTS = 'demo/manifests'
const SAMPLES = [
  'samples/seinode-mainnet-0.yaml',
  'samples/seinode-shadow-replayer.yaml',
  'samples/seinodepool-devnet.yaml',
] as const
/** Its volume is the one of the node with `genesis.pvc`. */
const PREPARATION = 'job/prepare-devnet-validator'

export async function installKinds(kubectl: Kubectl): Promise<void> {
  await kubectl.run('apply', '--server-side', '-f', CRDS)
  await kubectl.run('wait', '--for=condition=Established', '--timeout=30s', '-f', CRDS)
}

/** Resolves when the volume that a node expects prepared is prepared. Its pod would fail and be tried again otherwise. */
export async function applyNodes(kubectl: Kubectl, manifests = MANIFESTS): Promise<void> {
  await kubectl.show('apply', ...SAMPLES.flatMap(path => ['-f', path]), '-f', manifests)
  await kubectl.show('wait', '--for=condition=Complete', '--timeout=30s', PREPARATION)
}

export async function showResult(kubectl: Kubectl): Promise<void> {
  await kubectl.show('get', 'seinodepools,seinodes')
  await kubectl.show('get', 'statefulsets,services,persistentvolumeclaims,pods', '--selector=sei.io/node=mainnet-0')
}
