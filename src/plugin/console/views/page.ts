/** The page of a route: `drawPage`. Pure. */
import { type Drawn, html, Parts } from '../markup.ts'
import type { Details, Route, Scene } from '../scene.ts'
import { drawFleet } from './fleet.ts'
import { drawNode } from './node.ts'
import { drawPool } from './pool.ts'

export function drawPage(route: Route, scene: Scene, read: Details | undefined): Drawn {
  if (route.kind === 'fleet') return drawFleet(scene)
  const isSame = ({
    metadata,
  }: {
    readonly metadata: { readonly namespace?: string; readonly name: string }
  }): boolean => metadata.name === route.name && metadata.namespace === route.namespace
  if (route.kind === 'node') {
    const found = scene.fleet.nodes.find(({ node }) => isSame(node))
    if (found) return drawNode(scene, found, read?.kind === 'node' ? read.details : undefined)
  } else {
    const pool = scene.fleet.pools.find(isSame)
    if (pool) return drawPool(scene, pool, read?.kind === 'pool' ? read.details : undefined)
  }
  const what = route.kind === 'node' ? 'SeiNode' : 'SeiNodePool'
  return new Parts().draw(
    'Not there',
    html`<h1>There is no ${what} ${route.name}</h1>
      <p>It was deleted, or it is not in ${scene.place}. The <a href="/">fleet</a> has all that are there.</p>`,
  )
}
