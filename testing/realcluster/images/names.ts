/** What the images of a real cluster are called. */
import { VERSION } from '../../../src/cli/version.ts'

/** Under these names manifests find them as they are, without a registry. */
export const IMAGES = {
  /** As in samples/. */
  seid: 'docker.io/sei-protocol/seid:v5.0.0',
  /** The same files, for a pool's image to be changed to. */
  nextSeid: 'docker.io/sei-protocol/seid:v5.0.1',
  /** The same files with the handler of one upgrade more, and of two: the releases that a chain votes for. */
  upgradedSeid: 'docker.io/sei-protocol/seid:v6.5.0',
  latestSeid: 'docker.io/sei-protocol/seid:v6.6.0',
  sidecar: 'ghcr.io/sei-protocol/seictl:v0.0.25',
  /** As in config/manager. */
  operator: `ghcr.io/sei-protocol/sei-k8s-controller:v${VERSION}`,
} as const
