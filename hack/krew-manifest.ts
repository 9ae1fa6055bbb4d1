/** Prints krew/sei.yaml for a release: `node hack/krew-manifest.ts VERSION DIR`, where DIR has the archives of all platforms. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parse, stringify } from 'yaml'

interface Manifest {
  readonly spec: { readonly platforms: { readonly uri: string; sha256?: string }[] }
}

const TEMPLATE = join(import.meta.dirname, '../krew/sei.yaml')
/** In the template. */
const VERSION = 'v0.0.0'

const [version = '', directory = ''] = process.argv.slice(2)
if (!/^v\d+\.\d+\.\d+/.test(version)) throw new Error(`version "${version}": expected vMAJOR.MINOR.PATCH`)

const manifest: Manifest = parse((await readFile(TEMPLATE, 'utf8')).replaceAll(VERSION, version))
for (const platform of manifest.spec.platforms) {
  const archive = await readFile(join(directory, basename(platform.uri)))
  platform.sha256 = createHash('sha256').update(archive).digest('hex')
}
process.stdout.write(stringify(manifest, { lineWidth: 0 }))
