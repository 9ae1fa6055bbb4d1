/** Settings of a stored spec that an earlier CRD accepted and today's refuses: `refusedSettings`. Pure. */
import { refusedHome } from '../api/entrypoint-rules.ts'
import { SIDECAR_PORT } from '../api/names.ts'
import type { Entrypoint } from '../api/shared.ts'
import { type OverrideFacts, refusedOverrides } from '../api/managed-overrides.ts'

/** The fields that a SeiNode and the nodeConfiguration of a SeiNodePool have in common. */
interface Settings {
  readonly overrides?: Readonly<Record<string, string>>
  readonly entrypoint?: Entrypoint
  readonly sidecar?: { readonly port: number }
}

/** One message per setting: what is wrong, and what to do. */
export function refusedSettings(
  { overrides = {}, entrypoint, sidecar }: Settings,
  { chainId, maxSize }: Pick<OverrideFacts, 'chainId' | 'maxSize'>,
): string | undefined {
  const facts = { chainId, maxSize, sidecarPort: sidecar?.port ?? SIDECAR_PORT }
  const home = entrypoint && refusedHome(entrypoint)
  const wrong = [...refusedOverrides(overrides, facts), ...(home === undefined ? [] : [home])]
  if (wrong.length === 0) return undefined
  return `${wrong.join('; ')}. This was stored before the API server refused it, and is in use unchanged: correct it`
}
