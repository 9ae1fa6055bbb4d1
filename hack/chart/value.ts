/** What is said of a value of the Helm chart: `Value`, and `Group` for values below one name. */

/** A JSON schema. */
export type Schema = Readonly<Record<string, unknown>>

export interface Value {
  readonly name: string
  readonly meaning: string
  readonly schema: Schema
  /** Absent: values.yaml shows the value in a comment, and nothing sets it. */
  readonly default?: unknown
  /** YAML that the comment shows. */
  readonly example?: string
}

export interface Group {
  readonly name: string
  readonly meaning: string
  readonly values: readonly (Value | Group)[]
}
