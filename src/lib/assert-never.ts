/** The end of a switch over a closed union. */

/** Fails at compile time where a variant is missing; at run time it names the value that no case handled. */
export function assertNever(value: never): never {
  throw new Error(`unhandled variant: ${JSON.stringify(value)}`)
}
