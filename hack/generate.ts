/** Writes every generated file but the manifests; with `--check`, fails where one is out of date instead. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { apiReference } from './api-reference.ts'
import { values } from './chart/chart.ts'
import { valuesReference } from './chart/render-values.ts'
import { conditionsReference } from './conditions-reference.ts'
import { configurationReference } from './configuration-reference.ts'
import { embeddedScripts } from './embed-scripts.ts'
import { isEntryPoint } from './entry-point.ts'
import { metricsReference } from './metrics-reference.ts'

const ROOT = join(import.meta.dirname, '..')

/** Paths are relative to the repository. */
export function generatedFiles(): readonly { readonly path: string; readonly text: string }[] {
  return [
    embeddedScripts(),
    apiReference(),
    conditionsReference(),
    configurationReference(),
    valuesReference(values()),
    metricsReference(),
  ]
}

async function main(check: boolean): Promise<void> {
  for (const { path, text } of generatedFiles()) {
    const file = join(ROOT, path)
    const found = await readFile(file, 'utf8').catch(() => undefined)
    if (found === text) continue
    if (check) {
      console.error(`${path} is out of date: run make generate`)
      process.exitCode = 1
      continue
    }
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
    console.log(`wrote ${path}`)
  }
}

if (isEntryPoint(import.meta)) await main(process.argv.includes('--check'))
