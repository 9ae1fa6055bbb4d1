/** The CustomResourceDefinition of a kind: `customResourceDefinition`. */
import type { z } from 'zod'
import { GROUP, NEVER_OBSERVED, VERSION } from './names.ts'
import { PRUNE_PROTECTION } from './prune-protection.ts'
import type { Rule } from './rules.ts'
import { type StructuralSchema, structuralSchema } from './structural-schema.ts'

export interface PrinterColumn {
  readonly name: string
  readonly type: 'string' | 'integer' | 'date'
  readonly jsonPath: string
  readonly description: string
  /** 1: shown by `-o wide` only. */
  readonly priority?: 1
}

/** The definition of a kind. */
export interface KindDefinition {
  readonly kind: string
  readonly singular: string
  readonly plural: string
  readonly shortName: string
  readonly description: string
  readonly spec: z.ZodType
  readonly status: z.ZodType
  /** Rules on the whole object, which can read metadata.name, spec and status. */
  readonly rules: readonly Rule[]
  readonly columns: readonly PrinterColumn[]
}

/** The manifest as plain data, with fields in output order. */
export function customResourceDefinition(definition: KindDefinition): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${definition.plural}.${GROUP}`, annotations: PRUNE_PROTECTION },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind: definition.kind,
        listKind: `${definition.kind}List`,
        plural: definition.plural,
        singular: definition.singular,
        shortNames: [definition.shortName],
        categories: ['sei'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: definition.columns,
          schema: { openAPIV3Schema: rootSchema(definition) },
        },
      ],
    },
  }
}

/** The schema of the whole object. */
export function rootSchema(definition: KindDefinition): StructuralSchema {
  return {
    description: definition.description,
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { description: `Version of the schema: ${GROUP}/${VERSION}.`, type: 'string', maxLength: 253 },
      kind: { description: `Kind of the object: ${definition.kind}.`, type: 'string', maxLength: 63 },
      // The API server allows no other constraints on metadata.
      metadata: { type: 'object' },
      spec: { ...structuralSchema(definition.spec) },
      // The default of the field alone has no effect: a created object has no status.
      status: { ...structuralSchema(definition.status), default: { observedGeneration: NEVER_OBSERVED } },
    },
    'x-kubernetes-validations': definition.rules,
  }
}
