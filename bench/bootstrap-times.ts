/** How long nodes take to bootstrap, each from its own creation: `bootstrapP95`. */

/** Both by the name of the node, milliseconds since the epoch. Nodes that have not completed are left out. */
export function bootstrapP95(createdAt: ReadonlyMap<string, number>, completedAt: ReadonlyMap<string, number>): number {
  const times = [...createdAt]
    .flatMap(([name, created]) => {
      const completed = completedAt.get(name)
      return completed === undefined ? [] : [Math.max(0, completed - created)]
    })
    .toSorted((a, b) => a - b)
  return times[Math.ceil(times.length * 0.95) - 1] ?? 0
}
