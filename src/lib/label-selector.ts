/** Evaluates a label selector as Kubernetes does: `isSelected`. */
import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts'

/** An absent selector and an empty one select everything. */
export function isSelected(labels: Readonly<Record<string, string>>, selector: Readonly<LabelSelector> = {}): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector
  const equal = Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
  const fits = matchExpressions.every(({ key, operator, values = [] }) => {
    const value = labels[key]
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value)
      case 'NotIn':
        return value === undefined || !values.includes(value)
      case 'Exists':
        return value !== undefined
      case 'DoesNotExist':
        return value === undefined
      default:
        throw new Error(`label selector: unknown operator ${operator}`)
    }
  })
  return equal && fits
}
