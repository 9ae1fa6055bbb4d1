/** Bundles the operator as it ships: `bundleOperator`. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from './root.ts'

/** Resolves with the path of the bundle in `dir`. */
export async function bundleOperator(dir = join(ROOT, 'dist')): Promise<string> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'hack/build.ts'), dir])
  return join(dir, 'sei-k8s-controller.mjs')
}
