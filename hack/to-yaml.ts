/** YAML as Kubernetes and Helm read it: `toYaml`. */
import { stringify } from 'yaml'

/** They read YAML 1.1: words such as "on" and "no" have to be quoted. */
export function toYaml(value: unknown): string {
  return stringify(value, { version: '1.1', lineWidth: 120, aliasDuplicateObjects: false })
}
