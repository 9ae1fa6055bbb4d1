/** The packages that a bundle is made of, for scanners, which find none in it: `billOfMaterials`, in CycloneDX's form. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Metafile } from 'esbuild'
import manifest from '../package.json' with { type: 'json' }

interface Package {
  readonly name: string
  readonly version: string
  readonly license?: string
}

const PACKAGE_DIRECTORY = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/

/** @param root what esbuild's paths are relative to */
export async function billOfMaterials(metafiles: readonly Metafile[], root: string): Promise<string> {
  const directories = new Set(metafiles.flatMap(bundledPaths).flatMap(path => PACKAGE_DIRECTORY.exec(path) ?? []))
  const packages = await Promise.all([...directories].map(directory => readPackage(join(root, directory))))
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: componentOf('application', manifest) },
    components: packages.map(each => componentOf('library', each)).toSorted(byIdentity),
  }
  return `${JSON.stringify(bill, null, 2)}\n`
}

/** Of the files of which something is left. */
function bundledPaths({ outputs }: Metafile): readonly string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])),
  )
}

async function readPackage(directory: string): Promise<Package> {
  const read: Package = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'))
  return read
}

function componentOf(type: string, { name, version, license }: Package) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  const licenses = license === undefined ? {} : { licenses: [{ expression: license }] }
  return { type, 'bom-ref': purl, name, version, purl, ...licenses }
}

function byIdentity(a: { readonly purl: string }, b: { readonly purl: string }): number {
  return a.purl < b.purl ? -1 : 1
}
