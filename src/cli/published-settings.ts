/** Publishes the operator's version and settings in a ConfigMap, for its users and their tools: `settingsPublisher`. */
import type { ConfigMap } from 'kubernetes-types/core/v1.d.ts'
import { SETTINGS_CONFIG_MAP } from '../api/names.ts'
import type { PlatformConfig } from '../build/platform.ts'
import { backoffMs } from '../lib/backoff.ts'
import { type Clock, sleep } from '../runtime/clock.ts'
import type { Logger } from '../runtime/log.ts'
import type { ManagedController } from '../runtime/manager.ts'
import { PLATFORM_VARIABLES, readPlatform } from './environment.ts'
import { VERSION } from './version.ts'

export interface PublishedSettings {
  readonly version: string
  readonly platform: PlatformConfig
  /** Namespaces that the operator watches; empty: all. */
  readonly namespaces: readonly string[]
}

export interface SettingsPublisherOptions {
  readonly apply: (configMap: ConfigMap, signal: AbortSignal) => Promise<unknown>
  /** The operator's own. */
  readonly namespace: string
  readonly namespaces: readonly string[]
  readonly platform: PlatformConfig
  readonly operatorImage: (signal: AbortSignal) => Promise<string>
  readonly clock: Clock
  readonly log: Logger
}

const RETRY = { initialMs: 1_000, maxMs: 600_000 }

/** Brings back a ConfigMap that somebody deleted or edited. */
const REPEAT_MS = 3_600_000

/** Publishes while this process leads: at once, again for as long as it is refused, and every hour. Nothing waits for it. */
export function settingsPublisher(options: SettingsPublisherOptions): ManagedController {
  const { apply, namespace, namespaces, platform, operatorImage, clock, log } = options
  return {
    run: async stop => {
      for (let failures = 0; !stop.aborted;) {
        let waitMs = REPEAT_MS
        try {
          const image = await operatorImage(stop)
          const published = { version: VERSION, platform: { ...platform, operatorImage: image }, namespaces }
          await apply(settingsConfigMap(namespace, published), stop)
          failures = 0
        } catch (error) {
          if (stop.aborted) return
          log.warn({ err: error, configMap: SETTINGS_CONFIG_MAP }, 'the settings could not be published')
          waitMs = backoffMs(failures++, RETRY, 0)
        }
        await sleep(waitMs, stop, clock).catch(() => undefined)
      }
    },
  }
}

function settingsConfigMap(namespace: string, { version, platform, namespaces }: PublishedSettings): ConfigMap {
  const values: Readonly<Record<string, unknown>> = { ...platform }
  const variables = Object.entries(PLATFORM_VARIABLES).map(([setting, { name }]) => [name, String(values[setting])])
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace, name: SETTINGS_CONFIG_MAP, labels: { 'app.kubernetes.io/name': 'sei-k8s-controller' } },
    data: { version, namespaces: namespaces.join(','), ...Object.fromEntries(variables) },
  }
}

/** @throws EnvironmentError where a variable has a value that this version does not accept */
export function readSettings({ data = {} }: Readonly<ConfigMap>): PublishedSettings {
  const { version = '', namespaces = '' } = data
  return { version, platform: readPlatform(data), namespaces: namespaces.split(',').filter(Boolean) }
}
