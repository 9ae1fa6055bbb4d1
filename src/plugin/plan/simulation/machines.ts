/**
 * What a cluster does by itself to the objects of a `World`: volumes are provisioned, StatefulSets make and replace pods,
 * containers start, Jobs complete: `Machines`.
 */
import type { StatefulSet } from 'kubernetes-types/apps/v1.d.ts'
import type { PersistentVolumeClaim, Pod, PodTemplateSpec } from 'kubernetes-types/core/v1.d.ts'
import { NODE_LABEL } from '../../../api/names.ts'
import { seiNodes } from '../../../api/resources.ts'
import { childNames } from '../../../build/names.ts'
import { isPodPinned } from '../../../build/statefulset.ts'
import { hasRolledOut, isObserved, isOfTemplate, seidState } from '../../../controllers/shared/pods/pod-state.ts'
import { jobs, persistentVolumeClaims, pods, statefulSets } from '../../../kube/resources.ts'
import { isEqualJson } from '../../../lib/equal-json.ts'
import { stableHash } from '../../../lib/stable-hash.ts'
import { completeJob } from './jobs.ts'
import type { Journal } from './journal.ts'
import { type PodStart, releasedPod, startedPod } from './pod-life.ts'
import type { World } from './world.ts'

export class Machines {
  readonly #world: World
  readonly #journal: Journal
  /** RFC 3339. */
  readonly #now: () => string
  /** By revision: a pod that is pinned gets the one of its revision. */
  readonly #templates = new Map<string, PodTemplateSpec>()
  /** Claims that the cluster does not have: nothing is on their volumes. */
  readonly #newClaims = new Set<string>()
  readonly #knownPods: Set<string>
  #starts = 0
  /** The version of the world that has nothing left to bring about. */
  #settled = -1

  constructor(world: World, journal: Journal, now: () => string) {
    this.#world = world
    this.#journal = journal
    this.#now = now
    this.#knownPods = new Set(world.list(pods).map(nameOf))
    for (const { spec, status } of world.list(statefulSets)) {
      if (spec && status?.updateRevision !== undefined) this.#templates.set(status.updateRevision, spec.template)
    }
  }

  /** Brings all objects to where the cluster would have them. */
  settle(): void {
    while (this.#settled !== this.#world.version) {
      this.#settled = this.#world.version
      for (const claim of this.#world.list(persistentVolumeClaims)) this.#provision(claim)
      for (const set of this.#world.list(statefulSets)) this.#roll(this.#observed(set))
      for (const job of this.#world.list(jobs)) {
        if (completeJob(job, this.#world, this.#now())) this.#journal.jobs.push(nameOf(job))
      }
    }
  }

  /** The startup probe of the sidecar passes, and seid starts. */
  release(pod: Pod): void {
    this.#world.put(pods, releasedPod(pod, this.#nextStart('')))
  }

  /** A volume has what its claim asks for. */
  #provision(claim: PersistentVolumeClaim): void {
    const { status, spec, metadata } = claim
    const storage = spec?.resources?.requests?.['storage']
    if (status === undefined) this.#newClaims.add(nameOf(claim))
    if (status?.phase === 'Lost' || metadata?.deletionTimestamp !== undefined || storage === undefined) return
    if (status?.phase === 'Bound' && status.capacity?.['storage'] === storage) return
    const { conditions: _, ...rest } = status ?? {}
    const capacity = { ...status?.capacity, storage }
    this.#world.put(persistentVolumeClaims, { ...claim, status: { ...rest, phase: 'Bound', capacity } })
  }

  #roll(set: StatefulSet): void {
    const { namespace = '', name = '' } = set.metadata ?? {}
    const pod = this.#world.get(pods, { namespace, name: `${name}-0` })
    const isStopped = set.spec?.replicas === 0
    if (!pod) {
      if (!isStopped) this.#start(set)
    } else if (isStopped) this.#world.remove(pods, pod)
    else if (!isPodPinned(set) && seidState(pod).ready) {
      // A pod that is not ready is waited for.
      if (isOfTemplate(set, pod)) this.#complete(set)
      else {
        this.#world.remove(pods, pod)
        this.#start(set)
      }
    }
  }

  #observed(set: StatefulSet): StatefulSet {
    const { metadata, spec, status } = set
    if (!spec || isObserved(set)) return set
    const known = [...this.#templates].find(([, template]) => isEqualJson(template, spec.template))?.[0]
    const updateRevision = known ?? `${metadata?.name}-${stableHash(spec.template)}`
    this.#templates.set(updateRevision, spec.template)
    const observedGeneration = metadata?.generation ?? 0
    const revisions = { currentRevision: status?.currentRevision ?? updateRevision, updateRevision }
    return this.#world.put(statefulSets, {
      ...set,
      status: { replicas: 1, ...status, ...revisions, observedGeneration },
    })
  }

  /** All pods are of the update revision, which is the current one from then on. */
  #complete(set: StatefulSet): void {
    if (hasRolledOut(set)) return
    const { updateRevision = '' } = set.status ?? {}
    this.#world.put(statefulSets, { ...set, status: { replicas: 1, ...set.status, currentRevision: updateRevision } })
  }

  #start(set: StatefulSet): void {
    const { currentRevision = '', updateRevision = '' } = set.status ?? {}
    const revision = isPodPinned(set) ? currentRevision : updateRevision
    const template = this.#templates.get(revision) ?? set.spec?.template
    if (!template) return
    const node = template.metadata?.labels?.[NODE_LABEL] ?? nameOf(set)
    const pod = startedPod(set, template, revision, this.#nextStart(this.#keyReport(set.metadata?.namespace, node)))
    if (this.#knownPods.has(pod.metadata.name))
      this.#journal.restarts.push({ node, pod: pod.metadata.name, tasksBefore: this.#journal.tasksOf(node).length })
    this.#knownPods.add(pod.metadata.name)
    this.#world.put(pods, pod)
  }

  #nextStart(report: string): PodStart {
    this.#starts += 1
    return { number: this.#starts, now: this.#now(), report }
  }

  /** A volume that is not new is taken to have a signing state. */
  #keyReport(namespace = '', name: string): string {
    const node = this.#world.get(seiNodes, { namespace, name })
    const address = node?.status?.validator?.consensusAddress ?? `unknown${stableHash(name)}`
    const isEmpty = node !== undefined && this.#newClaims.has(childNames(node).dataVolume)
    return `address ${address}\nstate ${isEmpty ? 'none' : '1'}\n`
  }
}

function nameOf({ metadata }: { readonly metadata?: { readonly name?: string } }): string {
  return metadata?.name ?? ''
}
