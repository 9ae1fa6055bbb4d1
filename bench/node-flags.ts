/** The flags that Node.js gets wherever the operator is run: the image's entrypoint has the same. */

export const NODE_FLAGS: readonly string[] = []
