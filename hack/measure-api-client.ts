/**
 * Measures this project's API client beside @kubernetes/client-node on the cluster of KUBECONFIG (a local control plane: its API
 * server must be at 127.0.0.1): time of a GET, connections, memory. Prints the table of docs/adr/0001-api-client.md.
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const REQUESTS = 1000
const WARM_UP = 100
/** As many again to warm up. */
const COUNTED = 50
const ROUNDS = 5
const ROOT = join(import.meta.dirname, '..')

/** Runs `get` one call after the other, and says how long each took and how much memory the process has. */
const MEASURE = `
async function measure(get) {
  const count = Number(process.env.COUNT)
  for (let i = 0; i < Math.min(count, ${WARM_UP}); i++) await get()
  const from = performance.now()
  const cpuFrom = process.cpuUsage()
  for (let i = 0; i < count; i++) await get()
  const ms = (performance.now() - from) / count
  const { user, system } = process.cpuUsage(cpuFrom)
  const cpuMs = (user + system) / 1000 / count
  console.log(JSON.stringify({ ms, cpuMs, mb: process.memoryUsage().rss / 1e6 }))
  process.exit(0)
}`

const PROGRAMS = {
  'node alone': 'await measure(async () => {})',
  'own client': `
    import { loadClusterConfig } from './src/kube/config.ts'
    import { createKubeClient } from './src/kube/http-client.ts'
    import { namespaces } from './src/kube/resources.ts'
    const client = createKubeClient(await loadClusterConfig({ env: process.env }))
    await measure(() => client.get(namespaces, { name: 'default' }))`,
  'client-node': `
    import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
    const config = new KubeConfig()
    config.loadFromDefault()
    const api = config.makeApiClient(CoreV1Api)
    await measure(() => api.readNamespace({ name: 'default' }))`,
}
type Name = keyof typeof PROGRAMS

interface Measured {
  /** Of one GET: from start to end, and of the processor in this process. */
  readonly ms: number
  readonly cpuMs: number
  /** Resident memory. */
  readonly mb: number
}

async function run(file: string, count: number, kubeconfig: string): Promise<Measured> {
  const env = { ...process.env, COUNT: String(count), KUBECONFIG: kubeconfig }
  const { stdout } = await promisify(execFile)(process.execPath, [file], { env })
  const measured: Measured = JSON.parse(stdout)
  return measured
}

async function medians(file: string, count: number, kubeconfig: string): Promise<Measured> {
  const rounds: Measured[] = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await run(file, count, kubeconfig))
  return {
    ms: median(rounds.map(({ ms }) => ms)),
    cpuMs: median(rounds.map(({ cpuMs }) => cpuMs)),
    mb: median(rounds.map(({ mb }) => mb)),
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** One file per program; `bundled` holds its libraries, except what is loaded lazily. */
async function programFile(dir: string, name: Name, bundled: boolean): Promise<string> {
  const outfile = join(dir, `${name.replaceAll(' ', '-')}-${bundled ? 'bundled' : 'plain'}.mjs`)
  const lazy = name === 'own client' ? ['@kubernetes/client-node', 'yaml'] : []
  await build({
    stdin: { contents: MEASURE + PROGRAMS[name], resolveDir: ROOT, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    minify: bundled,
    logLevel: 'error',
    external: bundled ? lazy : ['@kubernetes/client-node', 'yaml'],
    // What the CommonJS modules in a bundle need.
    banner: {
      js: `import { createRequire as createRequire_ } from 'node:module'; const require = createRequire_(import.meta.url)`,
    },
  })
  return outfile
}

/** Connections that the program opens for this many GETs, counted by a relay between it and the API server. */
async function connectionsOf(file: string, count: number, kubeconfig: string, dir: string): Promise<number> {
  const text = await readFile(kubeconfig, 'utf8')
  const target = /https:\/\/127\.0\.0\.1:(\d+)/.exec(text)
  if (!target) throw new Error(`kubeconfig ${kubeconfig}: expected a server https://127.0.0.1:PORT`)
  let connections = 0
  const relay = createServer(socket => {
    connections++
    const upstream = connect(Number(target[1]), '127.0.0.1')
    socket.pipe(upstream).pipe(socket)
    socket.on('error', () => upstream.destroy())
    upstream.on('error', () => socket.destroy())
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const address = relay.address()
  if (address === null || typeof address === 'string') throw new Error(`expected a port, found ${address}`)
  const relayed = join(dir, 'kubeconfig')
  await writeFile(relayed, text.replaceAll(target[0], `https://127.0.0.1:${address.port}`), { mode: 0o600 })
  await run(file, count, relayed)
  relay.close()
  return connections
}

async function main(): Promise<void> {
  const kubeconfig = process.env['KUBECONFIG']
  if (!kubeconfig) throw new Error('KUBECONFIG is not set: this measures against a real API server')
  // Below the project, so that what is not bundled is found.
  const dir = await mkdtemp(join(ROOT, 'node_modules', '.measure-'))
  try {
    console.log(`Node ${process.versions.node}, medians of ${ROUNDS} runs, ${REQUESTS} GETs one after the other\n`)
    const heads = [
      '',
      'ms per GET',
      'CPU ms per GET',
      `connections for ${2 * COUNTED} GETs`,
      'RSS loaded, not bundled',
      'RSS loaded, bundled',
      'RSS after the GETs',
    ]
    printRow(heads)
    printRow(heads.map(() => '---'))
    for (const name of ['node alone', 'own client', 'client-node'] satisfies Name[]) {
      const plain = await programFile(dir, name, false)
      const bundled = await programFile(dir, name, true)
      const asks = name !== 'node alone'
      const requests = await medians(bundled, REQUESTS, kubeconfig)
      printRow([
        name,
        asks ? requests.ms.toFixed(2) : '',
        asks ? requests.cpuMs.toFixed(2) : '',
        asks ? String(await connectionsOf(bundled, COUNTED, kubeconfig, dir)) : '',
        `${(await medians(plain, 0, kubeconfig)).mb.toFixed(0)} MB`,
        `${(await medians(bundled, 0, kubeconfig)).mb.toFixed(0)} MB`,
        asks ? `${requests.mb.toFixed(0)} MB` : '',
      ])
    }
  } finally {
    await rm(dir, { recursive: true })
  }
}

function printRow(cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`)
}

await main()
