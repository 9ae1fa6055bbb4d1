/** Why peers could not be looked up: `PeerLookupError`. Its text is for the user, and says what to do. */

export class PeerLookupError extends Error {
  override readonly name = 'PeerLookupError'
  /** It passes by itself; otherwise somebody has to act. */
  readonly passes: boolean

  constructor(message: string, { passes, cause }: { readonly passes: boolean; readonly cause?: unknown }) {
    super(message, cause === undefined ? undefined : { cause })
    this.passes = passes
  }
}
