/** What a task handler gets to work with, and the small things that several of them do. */
import { parseToml, printToml } from '../config/toml.ts'
import type { TomlDocument } from '../config/toml.ts'
import type { SidecarEnvironment } from '../environment.ts'
import type { Home } from '../home.ts'
import { ParamReader } from '../params.ts'
import type { Profile } from '../profile.ts'
import type { Params } from '../task-record.ts'
import { S3Failure } from '../world.ts'
import type { ObjectPlace, World } from '../world.ts'

export interface TaskContext {
  readonly profile: Profile
  readonly home: Home
  readonly environment: SidecarEnvironment
  readonly world: World
  readonly hostname: string
  /** Aborted when the task is cancelled or the process ends. */
  readonly signal: AbortSignal
  /** Rejects with `context canceled` when the signal is aborted. */
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

export function reader(params: Params, context: TaskContext, struct: string): ParamReader {
  return new ParamReader(params, context.profile.params, struct)
}

/** Throws `TASK: missing required param 'NAME'` for the first that is empty. */
export function requireParams(task: string, values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === '') throw new Error(`${task}: missing required param '${name}'`)
  }
}

export function hasMarker(context: TaskContext, name: string): boolean {
  return context.home.read(`.sei-sidecar-${name}-done`) !== undefined
}

/** From now on the task is a silent success on this volume, whatever its parameters. */
export function setMarker(context: TaskContext, name: string): void {
  context.home.write(`.sei-sidecar-${name}-done`, '')
}

/** Throws as seictl does: the SDK's text after `doing`, or from v0.0.31 on its own classification. */
export async function getObject(
  context: TaskContext,
  task: string,
  place: ObjectPlace,
  doing: string,
): Promise<string> {
  let code = 'NoSuchKey'
  try {
    const body = await context.world.objects.get(place)
    if (body !== undefined) return body
  } catch (error) {
    if (!(error instanceof S3Failure)) throw error
    code = error.code
  }
  if (context.profile.s3Errors === 'classified') throw new Error(`${task}: S3: ${classified(code, place)}`)
  const status = code === 'AccessDenied' ? 403 : 404
  const api = code === 'AccessDenied' ? 'api error AccessDenied: AccessDenied' : `${code}: ${code}`
  const response = `https response error StatusCode: ${status}, RequestID: , HostID: , ${api}`
  throw new Error(`${doing}: operation error S3: GetObject, ${response}`)
}

function classified(code: string, { bucket, key, region }: ObjectPlace): string {
  switch (code) {
    case 'NoSuchKey':
      return `object "${key}" not found in s3://${bucket} [hint: the snapshot or genesis file may not have been uploaded yet]`
    case 'NoSuchBucket': {
      const hint = 'verify SEI_SNAPSHOT_BUCKET and SEI_SNAPSHOT_REGION environment variables'
      return `bucket "${bucket}" does not exist in region ${region} [hint: ${hint}]`
    }
    case 'AccessDenied': {
      const hint = "check the pod's ServiceAccount IAM role has s3:GetObject permission on this bucket"
      return `access denied to s3://${bucket}/${key} in region ${region} [hint: ${hint}]`
    }
    default:
      return `S3 error ${code} on s3://${bucket}/${key}`
  }
}

/** As seictl writes to S3; throws the code of a bucket's name that S3 refuses. */
export async function putObject({ world }: TaskContext, place: ObjectPlace, body: string): Promise<void> {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(place.bucket)) throw new S3Failure('InvalidBucketName')
  await world.objects.put(place, body)
}

/**
 * Sets keys of `config/<file>`, keeping all others; `null` removes one. The file comes into being where it is missing.
 * These tasks write strings in single quotes, config-apply in double ones.
 */
export function patchToml(home: Home, file: string, patch: ReadonlyMap<string, TomlPatch>): void {
  const document: TomlDocument = parseToml(home.read(`config/${file}`) ?? '')
  for (const [path, value] of patch) {
    if (value === null) document.delete(path)
    else document.set(path, value)
  }
  home.write(`config/${file}`, printToml(document, "'"))
}

type TomlPatch = (TomlDocument extends Map<string, infer V> ? V : never) | null

export function persistentPeers(home: Home): readonly string[] {
  const peers = parseToml(home.read('config/config.toml') ?? '').get('p2p.persistent-peers')
  return typeof peers === 'string' ? peers.split(',').filter(peer => peer !== '') : []
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
