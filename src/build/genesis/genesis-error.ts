/** Invalid input to a genesis file; a retry does not help: `GenesisError`. */
export class GenesisError extends Error {
  override readonly name = 'GenesisError'
}
