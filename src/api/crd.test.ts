/** The generated schemas describe, type and bound every field. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { customResourceDefinition, rootSchema } from './crd.ts'
import { KINDS } from './kinds.ts'
import type { StructuralSchema } from './structural-schema.ts'

interface Field {
  readonly path: string
  readonly schema: StructuralSchema
}

// The API server allows no more than its type.
const METADATA = 'metadata'

function* fieldsOf(schema: StructuralSchema, path: string): Iterable<Field> {
  yield { path, schema }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (path === '' && name === METADATA) continue
    yield* fieldsOf(property, path === '' ? name : `${path}.${name}`)
  }
  if (schema.items) yield* fieldsOf(schema.items, `${path}[]`)
  if (schema.additionalProperties) yield* fieldsOf(schema.additionalProperties, `${path}.*`)
}

function isString({ type, ...rest }: StructuralSchema): boolean {
  return type === 'string' || rest['x-kubernetes-int-or-string'] === true
}

for (const kind of KINDS) {
  const fields = [...fieldsOf(rootSchema(kind), '')]
  const failing = (ok: (schema: StructuralSchema) => boolean): readonly string[] =>
    fields.filter(({ schema }) => !ok(schema)).map(({ path }) => path)

  describe(`R1: the schema of ${kind.kind}`, () => {
    it('is converted with all its fields', () => {
      assert.ok(fields.length > 60, `found ${fields.length} fields`)
    })

    it('describes every field', () => {
      const named = fields.filter(({ path }) => !path.endsWith('[]') && !path.endsWith('.*'))
      assert.deepEqual(
        named.filter(({ schema }) => !/^[A-Za-z].*[.)]$/.test(schema.description ?? '')).map(({ path }) => path),
        [],
      )
    })

    it('types every field', () => {
      assert.deepEqual(
        failing(schema => schema.type !== undefined || schema['x-kubernetes-int-or-string'] === true),
        [],
      )
    })

    it('bounds every string', () => {
      assert.deepEqual(
        failing(schema => !isString(schema) || schema.enum !== undefined || schema.maxLength !== undefined),
        [],
      )
    })

    it('bounds every number and gives it a format', () => {
      assert.deepEqual(
        failing(
          ({ type, minimum, maximum, format }) =>
            type !== 'integer' ||
            (minimum !== undefined && maximum !== undefined && (format === 'int32' || format === 'int64')),
        ),
        [],
      )
    })

    it('bounds every list and map', () => {
      assert.deepEqual(
        failing(schema => schema.type !== 'array' || (schema.items !== undefined && schema.maxItems !== undefined)),
        [],
      )
      assert.deepEqual(
        failing(schema => schema.additionalProperties === undefined || schema.maxProperties !== undefined),
        [],
      )
    })

    it('gives every rule a message, and names a field that exists', () => {
      for (const { path, schema } of fields) {
        for (const { message, fieldPath } of schema['x-kubernetes-validations'] ?? []) {
          assert.ok(message.length > 20 && !message.includes('\n'), `${path}: ${message}`)
          if (fieldPath === undefined) continue
          const target = `${path}${fieldPath}`.replace(/^\./, '')
          assert.ok(
            fields.some(field => field.path === target),
            `no field ${target}`,
          )
        }
      }
    })

    it('sets no default where it depends on the platform, nor for mode', () => {
      const defaulted = fields.filter(({ schema }) => schema.default !== undefined).map(({ path }) => path)
      const allowed =
        /\.(trustPeriod|interval|schedule|port|retainOnDelete|whenUsedPercent|by|coolDown)$|^status$|^status\.observedGeneration$/
      assert.deepEqual(
        defaulted.filter(path => !allowed.test(path)),
        [],
      )
    })
  })
}

describe('R1: a CustomResourceDefinition', () => {
  it('is not deleted by Argo CD, Flux and Helm when it is removed from their sources', () => {
    for (const kind of KINDS) {
      const { metadata } = customResourceDefinition(kind)
      assert.partialDeepStrictEqual(metadata, {
        annotations: {
          'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
          'kustomize.toolkit.fluxcd.io/prune': 'disabled',
          'helm.sh/resource-policy': 'keep',
        },
      })
    }
  })

  it('carries group, version, names, scope, the status subresource and printer columns', () => {
    const [node] = KINDS.map(kind => JSON.stringify(customResourceDefinition(kind)))
    assert.ok(node)
    for (const part of [
      '"name":"seinodes.sei.io"',
      '"group":"sei.io"',
      '"scope":"Namespaced"',
      '"shortNames":["snode"]',
      '"name":"v1alpha1","served":true,"storage":true',
      '"subresources":{"status":{}}',
      '"additionalPrinterColumns":[{"name":"Chain"',
    ]) {
      assert.ok(node.includes(part), part)
    }
  })
})
