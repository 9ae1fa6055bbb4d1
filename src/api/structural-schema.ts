/** Converts a zod schema to the structural OpenAPI schema of a CustomResourceDefinition: `structuralSchema`. */
import { z } from 'zod'
import type { Rule } from './rules.ts'

/** The subset of a CRD's OpenAPI v3 that the kinds use. */
export interface StructuralSchema {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  description?: string
  format?: string
  enum?: readonly string[]
  default?: unknown
  minLength?: number
  maxLength?: number
  pattern?: string
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  minProperties?: number
  maxProperties?: number
  items?: StructuralSchema
  properties?: Record<string, StructuralSchema>
  additionalProperties?: StructuralSchema
  required?: readonly string[]
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-list-type'?: 'atomic' | 'map' | 'set'
  'x-kubernetes-list-map-keys'?: readonly string[]
  'x-kubernetes-validations'?: readonly Rule[]
}

/** Fields in output order: type and description, bounds, children. */
const ORDER: readonly string[] = [
  'description',
  'type',
  'format',
  'enum',
  'default',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'required',
  'items',
  'additionalProperties',
  'properties',
  'x-kubernetes-validations',
]

/** Throws on a construct without a structural form and names its path. */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  const json = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline' })
  return normalise(json, '')
}

function normalise(json: Readonly<Record<string, unknown>>, path: string): StructuralSchema {
  if (json['x-kubernetes-int-or-string'] === true) return intOrString(json)
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(json)) {
    // A rule with a readable message replaces the pattern: see scalars.ts.
    if (key === 'pattern') continue
    if (!ORDER.includes(key)) throw new Error(`schema at ${path || '.'}: ${key} has no place in a structural schema`)
    out[key] = json[key]
  }
  if (isRecord(json['items'])) out['items'] = normalise(json['items'], `${path}[]`)
  if (isRecord(json['additionalProperties'])) {
    out['additionalProperties'] = normalise(json['additionalProperties'], `${path}.*`)
  }
  // The API server stores no empty map, and tools that compare would see a difference for ever.
  delete out['properties']
  if (isRecord(json['properties']) && Object.keys(json['properties']).length > 0) {
    out['properties'] = Object.fromEntries(
      Object.entries(json['properties']).map(([name, property]) => {
        if (!isRecord(property)) throw new Error(`schema at ${path}.${name}: expected an object`)
        return [name, normalise(property, `${path}.${name}`)]
      }),
    )
  }
  return ordered(out)
}

/** The extension is sufficient. With an anyOf the API server would add a second, unreadable error. */
function intOrString({ anyOf, ...rest }: Readonly<Record<string, unknown>>): StructuralSchema {
  const bounds = (Array.isArray(anyOf) ? anyOf : []).filter(isRecord)
  const { maxLength } = bounds.find(option => option['type'] === 'string') ?? {}
  const { minimum, maximum } = bounds.find(option => option['type'] === 'integer') ?? {}
  return ordered({ ...rest, maxLength, minimum, maximum })
}

function ordered(schema: Readonly<Record<string, unknown>>): StructuralSchema {
  return Object.fromEntries(ORDER.filter(key => schema[key] !== undefined).map(key => [key, schema[key]]))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
