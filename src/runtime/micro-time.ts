/** Times with microseconds, as leases and events carry them. */

/** `2026-01-01T00:00:00.000000Z`: the one form of MicroTime that the API server reads. `ms`: since the epoch. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}
