/** The operator's settings, which decide what its objects look like: `readOperatorSettings`. */
import { SETTINGS_CONFIG_MAP } from '../../api/names.ts'
import type { PlatformConfig } from '../../build/platform.ts'
import { readPlatform } from '../../cli/environment.ts'
import { readSettings } from '../../cli/published-settings.ts'
import { VERSION } from '../../cli/version.ts'
import type { KubeClient } from '../../kube/client.ts'
import { messageOf } from '../../kube/http-error.ts'
import { configMaps } from '../../kube/resources.ts'
import { unlessForbidden } from '../cluster/operator.ts'

export interface OperatorSettings {
  readonly platform: PlatformConfig
  /** The operator's own. */
  readonly namespace: string
  /** Namespaces that it watches; empty: all. */
  readonly watched: readonly string[]
  /** Undefined where it cannot be read. */
  readonly version: string | undefined
  /** What is not known of them, in sentences. */
  readonly unknown: readonly string[]
}

/** @param places namespaces that may be the operator's, likeliest first */
export async function readOperatorSettings(
  client: Pick<KubeClient, 'get'>,
  places: readonly string[],
): Promise<OperatorSettings> {
  for (const namespace of places) {
    const found = await unlessForbidden(client.get(configMaps, { namespace, name: SETTINGS_CONFIG_MAP }))
    if (!found) continue
    try {
      const { version, platform, namespaces } = readSettings(found)
      return { platform, namespace, watched: namespaces, version, unknown: otherVersion(version) }
    } catch (error) {
      return defaults(namespace, `ConfigMap ${namespace}/${SETTINGS_CONFIG_MAP} cannot be read: ${messageOf(error)}`)
    }
  }
  const where = places.join(' nor in ')
  return defaults(
    places[0] ?? '',
    `ConfigMap ${SETTINGS_CONFIG_MAP} is neither in ${where}, or you may not read it (--operator-namespace)`,
  )
}

function otherVersion(version: string): readonly string[] {
  if (version === VERSION) return []
  return [
    `what operator v${version} does differently: this plan is by the code of v${VERSION}, the version of the plugin`,
  ]
}

function defaults(namespace: string, why: string): OperatorSettings {
  return {
    platform: readPlatform({ POD_NAMESPACE: namespace }),
    namespace,
    watched: [],
    version: undefined,
    unknown: [`version and settings of the operator, so the defaults are assumed: ${why}`],
  }
}
