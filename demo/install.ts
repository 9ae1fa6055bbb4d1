/** What a user would type: `installKinds` installs the CRDs, `applyNodes` applies manifests, `showResult` shows the objects. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { environmentOf } from '../testing/controlplane/environment.ts'
import type { Cast } from './cast.ts'
import type { Screen } from './nodes-view.ts'

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

export async function installKinds(cast: Cast): Promise<void> {
  await kubectl(cast, 'apply', '--server-side', '-f', CRDS)
  await kubectl(cast, 'wait', '--for=condition=Established', '--timeout=30s', '-f', CRDS)
}

/** Resolves when the volume that a node expects prepared is prepared. Its pod would fail and be retried otherwise. */
export async function applyNodes(cast: Cast, screen: Screen, manifests = MANIFESTS): Promise<void> {
  await show(cast, screen, 'apply', ...SAMPLES.flatMap(path => ['-f', path]), '-f', manifests)
  await show(cast, screen, 'wait', '--for=condition=Complete', '--timeout=30s', PREPARATION)
}

export async function showResult(cast: Cast, screen: Screen): Promise<void> {
  const children = 'statefulsets,services,persistentvolumeclaims,pods'
  await show(cast, screen, 'get', 'seinodepools,seinodes')
  await show(cast, screen, 'get', children, '--selector=sei.io/node=mainnet-0')
}

/** Writes the command, and its output indented. */
async function show(cast: Cast, screen: Screen, ...args: readonly string[]): Promise<void> {
  const output = await kubectl(cast, ...args)
  screen.write(`$ kubectl ${args.join(' ')}\n${output.trimEnd().replaceAll(/^(?=.)/gm, '  ')}\n`)
}

/** Rejects with kubectl's own message. */
async function kubectl({ controlPlane, env, root }: Cast, ...args: readonly string[]): Promise<string> {
  const options = { env: { ...env, ...environmentOf(controlPlane) }, cwd: root }
  try {
    const { stdout, stderr } = await promisify(execFile)(controlPlane.kubectlPath, args, options)
    return stdout + stderr
  } catch (cause) {
    const message = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : ''
    throw new Error(`kubectl ${args.join(' ')}: ${message || String(cause)}`, { cause })
  }
}
