/** The volume provisioner and binder: `Provisioner` brings each claim of a class of ours to Bound, and removes the volumes of deleted claims. */
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import type { KubeClient } from '../../../src/kube/client.ts'
import { isAlreadyExists, isConflict, isNotFound } from '../../../src/kube/errors.ts'
import { nodes, persistentVolumeClaims, persistentVolumes } from '../../../src/kube/resources.ts'
import { assertNever } from '../../../src/lib/assert-never.ts'
import { MemoryHome } from '../sidecar/index.ts'
import type { Home } from '../sidecar/index.ts'
import { objectKey } from './cache.ts'
import type { Cache } from './cache.ts'
import { PROVISIONER, ZONE_LABEL } from './cluster-nodes.ts'
import {
  PROVISIONED_BY,
  SELECTED_NODE,
  boundClaim,
  boundClaimStatus,
  claimStep,
  volumeNameOf,
} from './volume-binding.ts'

/** What is on the volumes: one `Home` for each claim, by the claim's UID, as long as its PersistentVolume exists. */
export class Volumes {
  readonly #homes = new Map<string, Home>()
  readonly #create: (claimUID: string) => Home

  constructor(create: (claimUID: string) => Home = () => new MemoryHome()) {
    this.#create = create
  }

  /** Empty at first; later the same one for the same claim. */
  of(claimUID: string): Home {
    let home = this.#homes.get(claimUID)
    if (!home) {
      home = this.#create(claimUID)
      this.#homes.set(claimUID, home)
    }
    return home
  }

  /** The files of a Secret in one pod. */
  ofSecret(name: string): Home {
    return this.of(`secret-${name}`)
  }

  forget(claimUID: string): void {
    this.#homes.delete(claimUID)
  }
}

export interface ProvisionerOptions {
  readonly client: KubeClient
  readonly claims: Cache<PersistentVolumeClaim>
  readonly classes: Cache<StorageClass>
  readonly volumes: Volumes
  /** Where its claims are; undefined: everywhere. */
  readonly namespaces?: readonly string[]
  /** Whether volumes get a phase: one write each, which only users and the protection controller read. */
  readonly writePhases: boolean
}

/** Who binds claims in a cluster, and who writes their capacity when they have grown. */
const BINDER = 'kube-controller-manager'
const RESIZER = 'csi-resizer'

/** Keyed by the claim's UID, to distinguish a claim from its successor of the same name. */
export class Provisioner {
  readonly #options: ProvisionerOptions

  constructor(options: ProvisionerOptions) {
    this.#options = options
  }

  /** UIDs of all claims of that class. */
  claimsOf(storageClass: StorageClass): readonly string[] {
    return this.#options.claims
      .values()
      .filter(claim => claim.spec?.storageClassName === storageClass.metadata?.name)
      .map(claim => claim.metadata?.uid ?? '')
  }

  /** UIDs of claims that have volumes: those whose claim went while nobody watched are found among them. */
  async leftovers(): Promise<readonly string[]> {
    const { client, namespaces } = this.#options
    const { items } = await client.list(persistentVolumes)
    return items
      .filter(volume => volume.metadata?.annotations?.[PROVISIONED_BY] === PROVISIONER)
      .map(volume => volume.spec?.claimRef ?? {})
      .filter(({ namespace = '' }) => namespaces === undefined || namespaces.includes(namespace))
      .map(({ uid = '' }) => uid)
  }

  async reconcile(uid: string): Promise<undefined> {
    const claim = this.#options.claims.values().find(({ metadata }) => metadata?.uid === uid)
    if (claim) await this.#provision(claim)
    else await this.#reclaim(uid)
    return undefined
  }

  async #provision(claim: PersistentVolumeClaim): Promise<void> {
    const { client, classes, writePhases } = this.#options
    const step = claimStep(claim, classes.get(claim.spec?.storageClassName ?? ''), await this.#zoneFor(claim))
    switch (step.kind) {
      case 'none':
        return
      case 'bind': {
        const { metadata } = step.volume
        const volumeName = metadata?.name ?? ''
        await client.create(persistentVolumes, step.volume).catch(unless(isAlreadyExists))
        await this.#patchClaim(claim, boundClaim(claim, volumeName))
        await this.#patchClaim(claim, boundClaimStatus(claim, step.size), 'status')
        if (writePhases) await this.#writePhase(volumeName, 'Bound')
        return
      }
      case 'expand': {
        const capacity = { spec: { capacity: { storage: step.size } } }
        await client.patch(persistentVolumes, { name: step.volumeName }, capacity, { type: 'merge' })
        await this.#patchClaim(claim, boundClaimStatus(claim, step.size), 'status', RESIZER)
        return
      }
      case 'report':
        await this.#patchClaim(
          claim,
          { metadata: { uid: claim.metadata?.uid }, status: step.status },
          'status',
          RESIZER,
        )
        return
      default:
        assertNever(step)
    }
  }

  async #zoneFor({ metadata, spec }: PersistentVolumeClaim): Promise<string | undefined> {
    const name = metadata?.annotations?.[SELECTED_NODE]
    if (name === undefined || spec?.volumeName !== undefined) return undefined
    const machine = await this.#options.client.get(nodes, { name })
    return machine?.metadata?.labels?.[ZONE_LABEL]
  }

  /** The claim may be deleted while it is being bound: its deletion causes another reconcile, which reclaims the volume. */
  async #patchClaim(
    claim: PersistentVolumeClaim,
    body: object,
    subresource?: string,
    fieldManager = BINDER,
  ): Promise<void> {
    const { client, claims } = this.#options
    const options = { type: 'merge', fieldManager, ...(subresource !== undefined && { subresource }) } as const
    const patched = await client
      .patch(persistentVolumeClaims, objectKey(claim), body, options)
      .catch(unless(error => isNotFound(error) || isConflict(error)))
    if (patched) claims.observe(patched)
  }

  async #reclaim(uid: string): Promise<void> {
    const { client, volumes, writePhases } = this.#options
    const name = volumeNameOf(uid)
    const volume = await client.get(persistentVolumes, { name })
    if (!volume) {
      volumes.forget(uid)
      return
    }
    // A volume that reads Bound is protected from deletion.
    if (writePhases && volume.status?.phase === 'Bound') await this.#writePhase(name, 'Released')
    if (volume.spec?.persistentVolumeReclaimPolicy !== 'Delete') return
    await client.delete(persistentVolumes, { name }, { uid: volume.metadata?.uid ?? '' })
    volumes.forget(uid)
  }

  async #writePhase(name: string, phase: 'Bound' | 'Released'): Promise<void> {
    const options = { type: 'merge', subresource: 'status' } as const
    await this.#options.client
      .patch(persistentVolumes, { name }, { status: { phase } }, options)
      .catch(unless(isNotFound))
  }
}

/** A rejection handler that returns undefined for errors for which `expected` is true. */
function unless(expected: (error: unknown) => boolean): (error: unknown) => undefined {
  return error => {
    if (!expected(error)) throw error
    return undefined
  }
}
