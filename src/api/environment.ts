/** Schemas of further variables of seid and the sidecar: `seidEnvironment`, `sidecarEnvironment`. */
import { z } from 'zod'
import { celStrings, type Rule, withRules } from './rules.ts'
import { formatted, objectName } from './scalars.ts'

/** Variables of the containers that run seid. */
const OF_SEID = ['HOME', 'SEI_HOME', 'TMPDIR', 'SIGNING_KEY_DIR', 'NODE_KEY_DIR', 'TERMINATION_LOG']

/** Variables of the sidecar. With another way of authentication it would refuse the operator's requests. */
const OF_SIDECAR = [
  'HOME',
  'TMPDIR',
  'SEI_HOME',
  'SEI_SIDECAR_PORT',
  'SEI_SIDECAR_AUTHN_MODE',
  'SEI_CHAIN_ID',
  'SEI_GENESIS_BUCKET',
  'SEI_GENESIS_REGION',
  'SEI_SNAPSHOT_BUCKET',
  'SEI_SNAPSHOT_REGION',
  'SEI_SNAPSHOT_UPLOAD_INTERVAL',
]

function environment(names: readonly string[], ...rules: readonly Rule[]) {
  const name = withRules(
    formatted(
      128,
      /^[A-Za-z_][A-Za-z0-9_]*$/,
      'name must be the name of an environment variable: letters, digits and "_", the first no digit',
    ),
    {
      rule: `!(self in ${celStrings(names)})`,
      message: `name must not be a variable of the operator: ${names.join(', ')}`,
    },
    ...rules,
  )
  const variable = withRules(
    z.object({
      name: name.describe('Name of the variable.'),
      value: z
        .string()
        .max(4096)
        .describe('Its value. $(NAME) is replaced by the value of a variable before it.')
        .exactOptional(),
      valueFrom: z
        .object({
          secretKeyRef: z
            .object({
              name: objectName('secretKeyRef.name').describe('Name of the Secret, in the same namespace.'),
              key: formatted(
                253,
                /^[-._a-zA-Z0-9]+$/,
                'key must be a key of a Secret: letters, digits, "-", "_" and "."',
              ).describe('Key in the Secret.'),
            })
            .describe('A key of a Secret, which must exist.'),
        })
        .describe('Where the value comes from, in place of value.')
        .exactOptional(),
    }),
    {
      rule: 'has(self.value) != has(self.valueFrom)',
      message: 'a variable must set exactly one of value and valueFrom',
    },
  )
  return z
    .array(variable)
    .max(64)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
}

export const seidEnvironment = environment(OF_SEID, {
  // seid reads every setting from a variable of this prefix, which would pass by the rules on overrides.
  rule: '!self.startsWith("SEID_")',
  message: 'name must not begin with SEID_: such a variable replaces a setting of seid; use overrides',
})

export const sidecarEnvironment = environment(OF_SIDECAR)

export type Environment = z.infer<typeof sidecarEnvironment>
