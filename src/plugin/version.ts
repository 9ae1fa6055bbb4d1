/** `kubectl sei version`: of the plugin, and of the operator if it can be read; `runVersion`. */
import { stringify } from 'yaml'
import { VERSION } from '../cli/version.ts'
import { SETTINGS_CONFIG_MAP } from '../api/names.ts'
import { PLATFORM_VARIABLES } from '../cli/environment.ts'
import { configMaps } from '../kube/resources.ts'
import type { Cluster } from './cluster/connect.ts'
import { unlessForbidden } from './cluster/operator.ts'
import { EXIT_CODES, type ExitCode } from './exit-code.ts'
import type { Session } from './session.ts'
import type { OutputFormat } from './status/command.ts'

interface Operator {
  readonly version?: string
  readonly image?: string
  readonly namespace?: string
  /** Why the version is not known. */
  readonly unknown?: string
}

export async function runVersion(
  session: Session,
  { output, client = false }: { readonly output?: OutputFormat; readonly client?: boolean },
): Promise<ExitCode> {
  const { io } = session
  const operator = client
    ? undefined
    : await readOperatorVersion(await session.connect(), await session.operatorNamespaces())
  const data = { plugin: VERSION, ...(operator && { operator }) }
  if (output === 'json') io.print(JSON.stringify(data, null, 2))
  else if (output === 'yaml') io.print(stringify(data).trimEnd())
  else {
    io.print(`plugin:   v${VERSION}`)
    if (operator) io.print(`operator: ${inWords(operator)}`)
  }
  return EXIT_CODES.ok
}

function inWords({ version, image, namespace, unknown }: Operator): string {
  if (version === undefined) return `unknown: ${unknown}`
  return `v${version}, ${image === undefined ? '' : `image ${image}, `}in namespace ${namespace}`
}

/** As the operator publishes it. */
export async function readOperatorVersion({ client }: Cluster, places: readonly string[]): Promise<Operator> {
  for (const namespace of places) {
    const found = await unlessForbidden(client.get(configMaps, { namespace, name: SETTINGS_CONFIG_MAP }))
    const { version, [PLATFORM_VARIABLES.operatorImage.name]: image } = found?.data ?? {}
    if (version !== undefined) return { version, namespace, ...(image === undefined ? {} : { image }) }
  }
  const where = places.join(' nor in ')
  return {
    unknown: `ConfigMap ${SETTINGS_CONFIG_MAP} is neither in ${where}, or you may not read it. Name the operator's namespace with --operator-namespace`,
  }
}
