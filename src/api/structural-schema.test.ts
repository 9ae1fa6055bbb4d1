/** What zod describes becomes a structural schema, or an error that names its path. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { withRules } from './rules.ts'
import { formatted, int32, int64, map, quantity } from './scalars.ts'
import { structuralSchema } from './structural-schema.ts'

describe('structuralSchema', () => {
  it('keeps objects, optional fields, defaults and descriptions', () => {
    const schema = z.object({
      name: z.string().max(3).describe('A name.'),
      mode: z.enum(['a', 'b']).describe('A mode.').exactOptional(),
      on: z.boolean().describe('A switch.').default(false),
    })
    assert.deepEqual(structuralSchema(schema), {
      type: 'object',
      required: ['name'],
      properties: {
        name: { description: 'A name.', type: 'string', maxLength: 3 },
        mode: { description: 'A mode.', type: 'string', enum: ['a', 'b'] },
        on: { description: 'A switch.', type: 'boolean', default: false },
      },
    })
  })

  it('leaves out a map of properties that is empty, as the API server does', () => {
    assert.deepEqual(structuralSchema(z.object({})), { type: 'object' })
  })

  it('gives integers the format that they were made with', () => {
    assert.deepEqual(structuralSchema(int32(1, 9)), { type: 'integer', format: 'int32', minimum: 1, maximum: 9 })
    assert.equal(structuralSchema(int64(0)).format, 'int64')
  })

  it('bounds maps by their number of entries', () => {
    assert.deepEqual(structuralSchema(map(z.string().max(4), 2)), {
      type: 'object',
      maxProperties: 2,
      additionalProperties: { type: 'string', maxLength: 4 },
    })
  })

  it('writes int-or-string as the extension alone, with the bounds beside it', () => {
    const { 'x-kubernetes-validations': rules, ...rest } = structuralSchema(quantity)
    assert.equal(rules?.length, 1)
    assert.deepEqual(rest, {
      maxLength: 32,
      minimum: Number.MIN_SAFE_INTEGER,
      maximum: Number.MAX_SAFE_INTEGER,
      'x-kubernetes-int-or-string': true,
    })
  })

  it('replaces a pattern by a rule with a message for people', () => {
    const schema = structuralSchema(formatted(9, /^\S+\/"x"$/, 'must be text'))
    assert.equal(schema.maxLength, 9)
    assert.deepEqual(Object.keys(schema).toSorted(), ['maxLength', 'type', 'x-kubernetes-validations'])
    assert.deepEqual(schema['x-kubernetes-validations'], [
      { rule: String.raw`self.matches("^\\S+\\/\"x\"$")`, message: 'must be text' },
    ])
  })

  it('adds rules to those that a schema has', () => {
    const schema = withRules(formatted(9, /^a$/, 'first'), { rule: 'self != ""', message: 'second' })
    const messages = structuralSchema(schema)['x-kubernetes-validations']?.map(({ message }) => message)
    assert.deepEqual(messages, ['first', 'second'])
  })

  it('refuses what has no structural form, with its path', () => {
    const schema = z.object({ a: z.array(z.object({ b: z.union([z.string(), z.boolean()]) })) })
    assert.throws(() => structuralSchema(schema), /schema at \.a\[\]\.b: anyOf has no place in a structural schema/)
  })
})
