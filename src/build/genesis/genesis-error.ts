/** Input to the genesis file that no retry makes acceptable. */
export class GenesisError extends Error {
  override readonly name = 'GenesisError'
}
