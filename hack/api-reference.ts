/** The reference of both kinds, made from their schemas: `apiReference` gives the text of docs/reference/api.md. */
import { type KindDefinition, rootSchema } from '../src/api/crd.ts'
import { KINDS } from '../src/api/kinds.ts'
import { GROUP, VERSION } from '../src/api/names.ts'
import type { Rule } from '../src/api/rules.ts'
import type { StructuralSchema } from '../src/api/structural-schema.ts'

/** Markdown; the path is relative to the repository. */
export function apiReference(): { readonly path: string; readonly text: string } {
  const text = [
    '# API reference',
    '',
    `Group \`${GROUP}\`, version \`${VERSION}\`. Made by \`make generate\` from \`src/api\`; \`kubectl explain seinode.spec\` shows the same text.`,
    '',
    '`*` marks a required field. `[]` stands for each item of a list, `.KEY` for each entry of a map.',
  ]
  const documented = new Map<string, string>()
  for (const kind of KINDS) text.push(...kindSection(kind, documented))
  text.push('')
  return { path: 'docs/reference/api.md', text: text.join('\n') }
}

/** @param documented where an object of these fields is described already, by its schema */
function kindSection(kind: KindDefinition, documented: Map<string, string>): readonly string[] {
  const root = rootSchema(kind)
  const { spec, status } = root.properties ?? {}
  if (!spec || !status) throw new Error(`${kind.kind}: expected a spec and a status`)
  const rules = [...(root['x-kubernetes-validations'] ?? []), ...rulesBelow(spec)]
  return [
    '',
    `## ${kind.kind}`,
    '',
    `${root.description} Short name \`${kind.shortName}\`.`,
    '',
    '### spec',
    '',
    ...table(spec, `${kind.kind} spec`, documented),
    '',
    '### What the API server refuses besides',
    '',
    ...unique(rules.map(({ message }) => `- ${message}`)),
    '',
    '### status',
    '',
    ...table(status, `${kind.kind} status`, documented),
  ]
}

function table(schema: StructuralSchema, section: string, documented: Map<string, string>): readonly string[] {
  const lines = ['| field | type | |', '|---|---|---|']
  function addFields(parent: StructuralSchema, path: string): void {
    for (const [name, property] of Object.entries(parent.properties ?? {})) {
      const field = path === '' ? name : `${path}.${name}`
      const required = parent.required?.includes(name) ? ' *' : ''
      const { inner, suffix } = innermost(property)
      const fields = JSON.stringify(inner.properties ?? {})
      const same = fields === '{}' ? undefined : documented.get(fields)
      const description = cell(property.description ?? '') + (same === undefined ? '' : ` Fields: see ${same}.`)
      lines.push(`| \`${field}\`${required} | ${typeOf(property)} | ${description} |`)
      if (same !== undefined) continue
      documented.set(fields, `${section}, \`${field}\``)
      addFields(inner, field + suffix)
    }
  }
  addFields(schema, '')
  return lines
}

/** The object inside lists and maps, and how a path goes on to it. */
function innermost(schema: StructuralSchema): { readonly inner: StructuralSchema; readonly suffix: string } {
  const next = schema.items ?? schema.additionalProperties
  if (!next) return { inner: schema, suffix: '' }
  const { inner, suffix } = innermost(next)
  return { inner, suffix: (schema.items ? '[]' : '.KEY') + suffix }
}

function typeOf(schema: StructuralSchema): string {
  if (schema['x-kubernetes-int-or-string']) return 'integer or string'
  if (schema.enum) return schema.enum.join(' \\| ')
  if (schema.items) return `list of ${typeOf(schema.items)}, ${span(schema.minItems, schema.maxItems)}`
  if (schema.additionalProperties) {
    return `map to ${typeOf(schema.additionalProperties)}, ${span(schema.minProperties, schema.maxProperties)}`
  }
  if (schema.type === 'integer') return `${schema.format ?? 'integer'}, ${span(schema.minimum, schema.maximum)}`
  if (schema.format === 'date-time') return 'time'
  return schema.type ?? 'any'
}

const UNBOUNDED = new Set([Number.MAX_SAFE_INTEGER, 2_147_483_647])

function span(min = 0, max = Number.MAX_SAFE_INTEGER): string {
  return UNBOUNDED.has(max) ? `at least ${min}` : `${min} to ${max}`
}

/** The rules that are not a field's own format: those say nothing that the field's description does not. */
function rulesBelow(schema: StructuralSchema): readonly Rule[] {
  const own =
    schema.type === 'object' || schema['x-kubernetes-list-type'] ? (schema['x-kubernetes-validations'] ?? []) : []
  const below = [...Object.values(schema.properties ?? {}), ...(schema.items ? [schema.items] : [])]
  return [...own, ...below.flatMap(rulesBelow)]
}

function unique(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)]
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
