/** `kubectl sei version`: of the plugin, and of the operator if it can be read; `runVersion`. */
import { stringify } from 'yaml'
import { VERSION } from '../cli/version.ts'
import { ApiError } from '../kube/errors.ts'
import { pods } from '../kube/resources.ts'
import { holderOf } from '../runtime/lease-record.ts'
import type { Cluster } from './cluster/connect.ts'
import { newestLease, readOperator } from './cluster/operator.ts'
import { EXIT_CODES, type ExitCode } from './exit-code.ts'
import type { Session } from './session.ts'
import type { OutputFormat } from './status/command.ts'

interface Operator {
  readonly image?: string
  readonly pod?: string
  /** Why the image is not known. */
  readonly unknown?: string
}

export async function runVersion(
  session: Session,
  { output, client = false }: { readonly output?: OutputFormat; readonly client?: boolean },
): Promise<ExitCode> {
  const { io } = session
  const operator = client ? undefined : await readVersion(await session.connect(), await session.namespace())
  const data = { plugin: VERSION, ...(operator && { operator }) }
  if (output === 'json') io.print(JSON.stringify(data, null, 2))
  else if (output === 'yaml') io.print(stringify(data).trimEnd())
  else {
    io.print(`plugin:   v${VERSION}`)
    if (operator)
      io.print(
        `operator: ${operator.image ?? `unknown: ${operator.unknown}`}${operator.pod === undefined ? '' : ` (pod ${operator.pod})`}`,
      )
  }
  return EXIT_CODES.ok
}

/** The image of the pod that holds the operator's Lease. */
async function readVersion({ client }: Cluster, namespace: string): Promise<Operator> {
  const lease = newestLease(await readOperator(client, namespace))
  if (!lease) return { unknown: 'no Lease of an operator is there, or you may not read it' }
  const [name = ''] = (holderOf(lease) ?? '').split('_')
  const place = lease.metadata?.namespace ?? ''
  if (name === '') return { unknown: `nobody holds Lease ${place}/${lease.metadata?.name}` }
  try {
    const pod = await client.get(pods, { namespace: place, name })
    const image = pod?.spec?.containers[0]?.image
    return image === undefined
      ? { unknown: `${name} holds the Lease and is no pod` }
      : { image, pod: `${place}/${name}` }
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 403)) throw error
    return { unknown: `you may not get pods in namespace ${place}` }
  }
}
