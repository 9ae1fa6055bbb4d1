/** Volumes of a real cluster's one node: `LocalVolumes` makes a directory for each claim and takes it away with its volume. */
import { execFile } from 'node:child_process'
import { chmod, mkdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { PersistentVolume, PersistentVolumeClaim } from 'kubernetes-types/core/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'

import type { KubeClient } from '../../src/kube/client.ts'
import { isAlreadyExists } from '../../src/kube/errors.ts'
import { persistentVolumeClaims, persistentVolumes, storageClasses } from '../../src/kube/resources.ts'
import { compareQuantities, parseQuantity } from '../../src/lib/quantity.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { Controller, type ReconcileResult } from '../../src/runtime/controller.ts'
import { Informer } from '../../src/runtime/informer.ts'
import { keyOf } from '../../src/runtime/object-key.ts'
import type { Logger } from '../../src/runtime/log.ts'
import { Metrics } from '../../src/runtime/metrics.ts'
import { PROVISIONED_BY, SELECTED_NODE, volumeNameOf } from '../fakes/node/volume-binding.ts'

const run = promisify(execFile)
const PROVISIONER = 'sei.io/local'
/** Those that the operator's platform settings name by default. */
const CLASSES = ['gp3', 'gp3-10k-750', 'efs-sc']
/** Its volumes are file systems in memory, as large as their claims ask for: they can be full, and grow. */
export const LIMITED_CLASS = 'limited'

export interface LocalVolumesOptions {
  readonly client: KubeClient
  /** Parent of the volumes' directories. */
  readonly dir: string
  readonly nodeName: string
  readonly log: Logger
}

/** Volumes are bound when a pod is scheduled that wants them, as EBS volumes are. */
export async function installLocalClasses(client: KubeClient): Promise<void> {
  for (const name of [...CLASSES, LIMITED_CLASS]) {
    await client.create(storageClasses, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name },
      provisioner: PROVISIONER,
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
      allowVolumeExpansion: name === LIMITED_CLASS,
    })
  }
}

/** The volume for a claim: of the type `local`, for which the kubelet honours fsGroup, and which several pods may mount. */
export function localVolume(claim: PersistentVolumeClaim, path: string, nodeName: string): PersistentVolume {
  const { namespace, name, uid = '' } = claim.metadata ?? {}
  const onNode = { key: 'kubernetes.io/hostname', operator: 'In', values: [nodeName] }
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeNameOf(uid), annotations: { [PROVISIONED_BY]: PROVISIONER } },
    spec: {
      storageClassName: claim.spec?.storageClassName ?? '',
      accessModes: claim.spec?.accessModes ?? [],
      capacity: { storage: claim.spec?.resources?.requests?.['storage'] ?? '1Gi' },
      persistentVolumeReclaimPolicy: 'Delete',
      local: { path },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [onNode] }] } },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        uid,
        ...(namespace !== undefined && { namespace }),
        ...(name !== undefined && { name }),
      },
    },
  }
}

/** Whether the scheduler has found a node for a pod that wants the claim, and nobody has made a volume for it. */
export function wantsVolume(claim: PersistentVolumeClaim, storageClass: StorageClass | undefined): boolean {
  const { metadata, spec } = claim
  return (
    storageClass?.provisioner === PROVISIONER &&
    metadata?.deletionTimestamp === undefined &&
    spec?.volumeName === undefined &&
    metadata?.annotations?.[SELECTED_NODE] !== undefined
  )
}

/** The size that a bound claim of that class is to grow to; undefined where it has what it asks for. */
export function growsTo({ spec, status }: PersistentVolumeClaim): string | undefined {
  const [size = '0', capacity = '0'] = [spec?.resources?.requests?.['storage'], status?.capacity?.['storage']]
  const isBound = spec?.storageClassName === LIMITED_CLASS && status?.phase === 'Bound'
  return isBound && compareQuantities(size, capacity) > 0 ? size : undefined
}

/** @param size a Kubernetes quantity */
async function mountLimited(path: string, size: string, isMounted: boolean): Promise<void> {
  const bytes = (parseQuantity(size) ?? 0n) / 10n ** 9n
  const options = `${isMounted ? 'remount,' : ''}size=${bytes},mode=0777`
  await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path])
}

export class LocalVolumes {
  readonly #options: LocalVolumesOptions
  readonly #claims: Informer<PersistentVolumeClaim>
  readonly #volumes: Informer<PersistentVolume>
  readonly #classes: Informer<StorageClass>

  constructor(options: LocalVolumesOptions) {
    const { client, log } = options
    const common = { client, log, clock: systemClock }
    this.#options = options
    this.#claims = new Informer({ ...common, resource: persistentVolumeClaims })
    this.#volumes = new Informer({ ...common, resource: persistentVolumes })
    this.#classes = new Informer({ ...common, resource: storageClasses })
  }

  /** Works until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const common = { log: this.#options.log, clock: systemClock, metrics: new Metrics() }
    const claims = new Controller({ ...common, name: 'local-claims', reconcile: key => this.#provision(key) })
    claims.watch(this.#claims, claim => [keyOf(claim)])
    const volumes = new Controller({ ...common, name: 'local-volumes', reconcile: key => this.#reclaim(key) })
    volumes.watch(this.#volumes, volume => [keyOf(volume)])
    const informers = [this.#claims, this.#volumes, this.#classes]
    const following = informers.map(informer => informer.run(signal))
    await Promise.race([Promise.all(informers.map(informer => informer.synced)), ...following])
    await Promise.all([...following, claims.run(signal, signal), volumes.run(signal, signal)])
  }

  async #provision(key: string): Promise<ReconcileResult> {
    const { client, dir, nodeName } = this.#options
    const claim = this.#claims.store.get(key)
    const larger = claim && growsTo(claim)
    if (claim && larger !== undefined) return this.#grow(claim, larger)
    if (!claim || !wantsVolume(claim, this.#classes.store.get(claim.spec?.storageClassName ?? ''))) return {}
    const path = join(dir, volumeNameOf(claim.metadata?.uid ?? ''))
    await mkdir(path, { recursive: true })
    await chmod(path, 0o777)
    const { storageClassName, resources } = claim.spec ?? {}
    if (storageClassName === LIMITED_CLASS && !(await isMountPoint(path)))
      await mountLimited(path, resources?.requests?.['storage'] ?? '1Gi', false)
    try {
      await client.create(persistentVolumes, localVolume(claim, path, nodeName))
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
    }
    return {}
  }

  /** As external-resizer does for a driver that grows file systems while they are mounted. */
  async #grow(claim: PersistentVolumeClaim, size: string): Promise<ReconcileResult> {
    const { client, dir } = this.#options
    const { namespace = '', name = '', uid = '' } = claim.metadata ?? {}
    const volume = volumeNameOf(uid)
    await mountLimited(join(dir, volume), size, true)
    const capacity = { storage: size }
    await client.patch(persistentVolumes, { name: volume }, { spec: { capacity } }, { type: 'merge' })
    const options = { type: 'merge', subresource: 'status' } as const
    await client.patch(
      persistentVolumeClaims,
      { namespace, name },
      { metadata: { uid }, status: { capacity } },
      options,
    )
    return {}
  }

  async #reclaim(key: string): Promise<ReconcileResult> {
    const { client, dir } = this.#options
    const volume = this.#volumes.store.get(key)
    const { name = '', uid = '', annotations } = volume?.metadata ?? {}
    const isOurs = annotations?.[PROVISIONED_BY] === PROVISIONER
    if (!isOurs || volume?.status?.phase !== 'Released') return {}
    if (volume.spec?.persistentVolumeReclaimPolicy !== 'Delete') return {}
    if (await isMountPoint(join(dir, name))) await run('umount', [join(dir, name)])
    await rm(join(dir, name), { recursive: true, force: true })
    await client.delete(persistentVolumes, { name }, { uid })
    return {}
  }
}

async function isMountPoint(path: string): Promise<boolean> {
  const [own, parent] = await Promise.all([stat(path), stat(dirname(path))]).catch(() => [])
  return own?.dev !== parent?.dev
}
