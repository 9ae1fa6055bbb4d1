/** A SeiNode with the longest bootstrap that sidecars of all releases support: `SEVEN_TASKS`. */
import { profileOf } from '../../testing/fakes/sidecar/index.ts'
import type { SeiNodeSpec } from '../../src/api/seinode.ts'

/** Static peers: releases from v0.0.57 on have no discover-peers, and take the peers from config-apply. */
export const SEVEN_TASKS: SeiNodeSpec = {
  chainId: 'arctic-1',
  image: 'sei-protocol/seid:v6.4.0',
  peers: [{ static: { addresses: [`${'ab'.repeat(20)}@peer.example.com:26656`] } }],
  snapshot: { s3: { region: 'us-east-2', uri: 's3://snapshots/arctic-1/' }, trustPeriod: '9999h0m0s' },
}

/** The tasks that the operator submits for `SEVEN_TASKS`, in order. */
export const SUBMITTED = [
  'snapshot-restore',
  'configure-genesis',
  'config-apply',
  'discover-peers',
  'configure-state-sync',
  'config-validate',
  'mark-ready',
] as const

/** The tasks that a sidecar of that release executes, in order. */
export function executedFor(profile: string): readonly string[] {
  const { discoversPeers } = profileOf(profile)
  return SUBMITTED.filter(type => type !== 'discover-peers' || discoversPeers)
}
