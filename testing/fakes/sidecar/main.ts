/** `node testing/fakes/sidecar/main.ts serve`: one fake sidecar as a process of its own, with seictl's variables and exit texts. */
import { parseArgs } from 'node:util'

import { HttpObjects, HttpRpc } from './http-world.ts'
import { DirectoryHome, FakeSidecar } from './index.ts'

const USAGE = `usage: main.ts serve [--profile v0.0.25] [--home DIR] [--port N] [--rpc]
  --profile  the release of seictl to play, v0.0.16 to v0.0.70 (default v0.0.25)
  --home     SEI_HOME, default /sei
  --port     SEI_SIDECAR_PORT, default 7777; 0 takes any, and prints it
  --rpc      ask chain nodes at their port 26657, rather than play them`

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      profile: { type: 'string' },
      home: { type: 'string' },
      port: { type: 'string' },
      rpc: { type: 'boolean' },
    },
  })
  if (positionals.join(' ') !== 'serve') throw new Error(USAGE)
  const { env } = process
  const port = Number(values.port ?? env['SEI_SIDECAR_PORT'] ?? 7777)
  if (!(Number.isInteger(port) && port >= 0 && port < 65_536))
    throw new Error(`--port ${values.port}: expected 0 to 65535`)
  const home = new DirectoryHome(values.home ?? env['SEI_HOME'] ?? '/sei')
  const endpoint = env['AWS_ENDPOINT_URL_S3']
  const world = {
    ...(endpoint !== undefined && { objects: new HttpObjects(endpoint) }),
    ...(values.rpc === true && { rpc: new HttpRpc() }),
  }
  const sidecar = new FakeSidecar({ profile: values.profile ?? 'v0.0.25', home, env, world })
  const address = await sidecar.listen('0.0.0.0', port)
  console.log(`fake seictl ${sidecar.profile.tag} serves ${home.root} on ${address.host}:${address.port}`)
  const stop = (): void => void sidecar.close()
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
})
