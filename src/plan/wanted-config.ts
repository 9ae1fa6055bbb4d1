/** The configuration that a node's spec asks for, as a config-apply would leave it: `wantedConfig`. Pure. */
import type { SeiNode } from '../api/seinode.ts'
import { nodeSettings } from '../build/node-settings.ts'
import type { PlatformConfig } from '../build/platform.ts'
import { configOverrides } from './config-overrides.ts'
import { configHash } from './node-config.ts'
import type { AppliedConfig } from './task-plan.ts'

export function wantedConfig(node: SeiNode, platform: PlatformConfig): AppliedConfig {
  const overrideKeys = Object.keys(configOverrides(node, nodeSettings(node, platform)))
  return { hash: configHash(node.spec), overrideKeys }
}
