/** The end of a switch over a closed union. */

/** Fails to compile if a variant is missing. At run time it throws an error that names the unhandled value. */
export function assertNever(value: never): never {
  throw new Error(`unhandled variant: ${JSON.stringify(value)}`)
}
