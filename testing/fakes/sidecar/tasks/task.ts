/** What a task handler gets to work with, and the small things that several of them do. */
import type { SidecarEnvironment } from '../environment.ts'
import type { Home } from '../home.ts'
import type { Profile } from '../profile.ts'
import type { Params } from '../task-table.ts'
import { S3Failure } from '../world.ts'
import type { ObjectPlace, World } from '../world.ts'

export interface TaskContext {
  readonly profile: Profile
  readonly home: Home
  readonly environment: SidecarEnvironment
  readonly world: World
  /** Rejects with `context canceled` when the task is cancelled or the process ends. */
  sleep(ms: number): Promise<void>
}

/** Resolves with the task's `result`, if it has one; throws the error text that the wire shows. */
export type TaskHandler = (params: Params, context: TaskContext) => Promise<unknown>

/** A failure that has a `result` beside its error text. */
export class FailedWithResult extends Error {
  override readonly name = 'FailedWithResult'
  readonly result: unknown

  constructor(cause: unknown, result: unknown) {
    super(messageOf(cause), { cause })
    this.result = result
  }
}

/** Empty where the parameter is absent. */
export function text(params: Params, name: string): string {
  const value = params[name]
  return typeof value === 'string' ? value : ''
}

/** Throws where the parameter is absent. */
export function required(params: Params, name: string, task: string): string {
  const value = text(params, name)
  if (value === '') throw new Error(`${task}: missing required param '${name}'`)
  return value
}

/** The place of a key below the bucket, the region and the prefix that the parameters of a task name. */
export function placeBelow(params: Params, task: string): (key: string) => ObjectPlace {
  const [bucket, region] = [required(params, 'bucket', task), required(params, 'region', task)]
  const prefix = text(params, 'prefix').replace(/([^/])$/, '$1/')
  return key => ({ bucket, region, key: prefix + key })
}

export function hasMarker(home: Home, name: string): boolean {
  return home.read(`.sei-sidecar-${name}-done`) !== undefined
}

/** From now on the task is a silent success on this volume, whatever its parameters. */
export function setMarker(home: Home, name: string): void {
  home.write(`.sei-sidecar-${name}-done`, '')
}

/** Throws where there is no such object, or S3 refuses. */
export async function getObject({ world }: TaskContext, task: string, place: ObjectPlace): Promise<string> {
  const from = `s3://${place.bucket}/${place.key}`
  const body = await Promise.try(() => world.objects.get(place)).catch((error: unknown) => {
    throw error instanceof S3Failure ? new Error(`${task}: S3: ${error.code}: ${from}`, { cause: error }) : error
  })
  if (body === undefined) throw new Error(`${task}: S3: NoSuchKey: ${from}`)
  return body
}

/** Throws the code of a bucket's name that S3 refuses. */
export async function putObject({ world }: TaskContext, place: ObjectPlace, body: string): Promise<void> {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(place.bucket)) throw new S3Failure('InvalidBucketName')
  await world.objects.put(place, body)
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
