/** What the values of variables look like, for the schema of the Helm chart: `PATTERNS`. */
import type { VariableKind } from '../../src/cli/environment.ts'

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const WITH_UNIT = /^[0-9]+(\.[0-9]+)?([kMGTP]|[KMGTP]i)$/

/**
 * Helm reads them as RE2, which has no lookahead, so they do not check lengths of whole names, nor the bounds of quantities.
 * The operator checks both at its start. The schema has the two booleans as an enumeration.
 */
export const PATTERNS: Readonly<Record<Exclude<VariableKind, 'boolean'>, RegExp>> = {
  dnsSubdomain: /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/,
  labelKey: /^([-.a-z0-9]+\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
  labelValue: /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
  volumeSize: WITH_UNIT,
  cpu: /^[0-9]+(\.[0-9]+|m)?$/,
  memory: WITH_UNIT,
  image: /^\S{1,512}$/,
  region: DNS_LABEL,
  bucket: /^[a-z0-9][-.a-z0-9]{1,61}[a-z0-9]$/,
  nameOrNone: /^([a-z0-9]([-.a-z0-9]*[a-z0-9])?)?$/,
  names: /^([a-z0-9]([-.a-z0-9]*[a-z0-9])?(,[a-z0-9]([-.a-z0-9]*[a-z0-9])?)*)?$/,
  namespaceOrNone: /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$/,
}
