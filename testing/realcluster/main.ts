/** A real cluster on the command line: `exec` runs a command with one, `images` writes the images that its tests need. */
import { Command } from 'commander'

import { resolveSeid } from '../fakes/seid/resolve-seid.ts'
import { IMAGES } from './images/names.ts'
import { writeImages } from './images/images.ts'
import { withRealCluster } from './with-real-cluster.ts'

const { env, stderr } = process

async function exec(command: readonly string[]): Promise<void> {
  process.exitCode = await withRealCluster(command, env, stderr)
}

async function images(dir: string): Promise<void> {
  const seid = await resolveSeid(env, stderr)
  const written = await writeImages(dir, { seid: seid.path, seictl: env['SEICTL'] }, stderr)
  for (const { name, path } of written) console.log(`${path} ${name}`)
}

const program = new Command('realcluster')
  .description('A real Kubernetes cluster of one node on this machine, without Docker. Needs Linux and root.')
  .enablePositionalOptions()
program
  .command('exec')
  .description('start a cluster, run a command with KUBECONFIG set to it, stop it; exits as the command does')
  .argument('<command...>')
  .passThroughOptions()
  .action(exec)
program
  .command('images')
  .description(
    `write ${Object.keys(IMAGES).join(', ')} as OCI archives into a directory, and print the path and the name of each`,
  )
  .argument('<directory>')
  .action(images)

try {
  await program.parseAsync()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
