/** Whether this machine can hold a real cluster: `missingRequirement`. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

const WAY_OUT = 'or name a cluster by E2E_KUBECONFIG (see docs/development.md)'
/** Numbers of the kernel's capabilities. */
const CAPABILITIES = { CAP_NET_ADMIN: 12, CAP_SYS_ADMIN: 21 }
const PROGRAMS = ['unshare', 'nsenter', 'mount', 'tar', 'ldd', 'apt-get', 'dpkg-deb']

/** One sentence that says what is missing and what else can be done; undefined where nothing is. */
export async function missingRequirement(): Promise<string | undefined> {
  if (process.platform !== 'linux') {
    return `A real kubelet needs Linux, and this is ${process.platform}: run this on a Linux machine as root, ${WAY_OUT}.`
  }
  if (process.getuid?.() !== 0) return `A real kubelet needs root: run this as root, ${WAY_OUT}.`
  const lacking = lackingCapabilities(await readFile('/proc/self/status', 'utf8'))
  if (lacking.length > 0) {
    return `A real kubelet needs ${lacking.join(' and ')}, which this container does not have: run it with more rights, ${WAY_OUT}.`
  }
  const absent = await absentPrograms()
  if (absent.length > 0) {
    return `A real kubelet needs the programs ${absent.join(', ')}, which this machine lacks: use Debian or Ubuntu, ${WAY_OUT}.`
  }
  try {
    await run('unshare', ['--mount', '--net', '--pid', '--ipc', '--uts', '--fork', '--mount-proc', 'true'])
  } catch (error) {
    const said = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error)
    return `A real kubelet needs namespaces of its own, which this machine refuses (${said}): allow them, ${WAY_OUT}.`
  }
  return undefined
}

/** @param status the text of /proc/PID/status */
export function lackingCapabilities(status: string): readonly string[] {
  const effective = BigInt(`0x${/^CapEff:\s+([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  return Object.entries(CAPABILITIES)
    .filter(([, bit]) => ((effective >> BigInt(bit)) & 1n) === 0n)
    .map(([name]) => name)
}

async function absentPrograms(): Promise<readonly string[]> {
  const found = await Promise.all(
    PROGRAMS.map(name =>
      run('/bin/sh', ['-c', 'command -v -- "$1"', 'sh', name]).then(
        () => true,
        () => false,
      ),
    ),
  )
  return PROGRAMS.filter((_, index) => !found[index])
}
