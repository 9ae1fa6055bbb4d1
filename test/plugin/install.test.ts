/** `kubectl sei` as it is installed: the executable of this platform, the archive and manifest for Krew, the npm package. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { arch, platform, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { VERSION } from '../../src/cli/version.ts'
import { kubectl } from '../../testing/kubectl.ts'
import { ROOT } from '../../testing/root.ts'
import { withHeights } from './heights.ts'
import { PluginFixture, pluginProgram } from './plugin-fixture.ts'
import { documentedRole } from './plugin-page.ts'

const run = promisify(execFile)
/** As Krew names platforms. */
const PLATFORM = `${platform()}-${arch() === 'x64' ? 'amd64' : arch()}`
const PLATFORMS = ['linux-amd64', 'linux-arm64', 'darwin-amd64', 'darwin-arm64']

suite('kubectl sei installed', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sei-install-'))
  const program = join(dir, `kubectl-sei-${PLATFORM}`, 'kubectl-sei')
  const archive = `${dirname(program)}.tar.gz`

  before(async () => {
    await run(process.execPath, [join(ROOT, 'hack/executable.ts'), pluginProgram(), dir])
  })
  after(() => rmSync(dir, { recursive: true }))

  test('the executable needs no Node.js, reads the cluster with an exec plugin, and forwards ports', async () => {
    await using fixture = await PluginFixture.open()
    await fixture.pools.base.create('rpc-0')
    await fixture.pools.base.untilRunning('rpc-0')
    const kubeconfig = await fixture.kubeconfigOf('executed', documentedRole('kubectl-sei-viewer'))
    const inFile = ['--kubeconfig', kubeconfig]
    const token = await kubectl([
      'config',
      'view',
      '--raw',
      '-o=jsonpath={.users[?(@.name=="executed")].user.token}',
      ...inFile,
    ])
    const apiVersion = 'client.authentication.k8s.io/v1'
    const credential = join(dir, 'credential.json')
    writeFileSync(credential, JSON.stringify({ apiVersion, kind: 'ExecCredential', status: { token } }))
    const exec = ['--exec-command=/bin/cat', `--exec-arg=${credential}`, `--exec-api-version=${apiVersion}`]
    await kubectl(['config', 'set-credentials', 'exec', ...exec, ...inFile])
    await kubectl(['config', 'set-context', '--current', '--user=exec', ...inFile])
    const env = { HOME: dir, PATH: '', KUBECONFIG: kubeconfig }
    const table = await withHeights(async () => {
      const { stdout, stderr } = await run(program, ['status'], { env })
      assert.equal(stderr, '')
      return stdout
    })
    assert.match(table, /\nrpc-0 +full +\S+ +Running +True +\d+ /)
    const wrong = await run(program, ['status', 'rpc-1'], { env }).catch((error: unknown) => error)
    assert.ok(wrong instanceof Error && 'code' in wrong && wrong.code === 1, String(wrong))
  })

  test('the archive has the executable and the license', async () => {
    const { stdout } = await run('tar', ['-tzf', archive])
    assert.deepEqual(stdout.trim().split('\n'), ['kubectl-sei', 'LICENSE'])
    const unpacked = mkdtempSync(join(dir, 'unpacked-'))
    await run('tar', ['-xzf', archive, '-C', unpacked])
    const printed = await run(join(unpacked, 'kubectl-sei'), ['version', '--client'], { env: {} })
    assert.equal(printed.stdout, `plugin:   v${VERSION}\n`)
  })

  // The rules of Krew's validation of manifests.
  test('the manifest for Krew has a version, and for each platform an address, a checksum and a program', async () => {
    const archives = mkdtempSync(join(dir, 'archives-'))
    for (const name of PLATFORMS) writeFileSync(join(archives, `kubectl-sei-${name}.tar.gz`), name)
    const { stdout } = await run(process.execPath, [join(ROOT, 'hack/krew-manifest.ts'), 'v1.2.3', archives])
    const { apiVersion, kind, metadata, spec }: KrewManifest = parse(stdout)
    assert.equal(apiVersion, 'krew.googlecontainertools.github.com/v1alpha2')
    assert.equal(kind, 'Plugin')
    assert.deepEqual(metadata, { name: basename('krew/sei.yaml', '.yaml') })
    assert.equal(spec.version, 'v1.2.3')
    assert.ok(spec.shortDescription.length > 0 && spec.shortDescription.length <= 50)
    assert.doesNotMatch(spec.shortDescription, /\n/)
    const fields = ['version', 'homepage', 'shortDescription', 'description', 'caveats', 'platforms']
    assert.deepEqual(Object.keys(spec), fields)
    const named = spec.platforms.map(({ selector: { matchLabels }, uri, sha256, bin, ...rest }) => {
      const name = `${matchLabels.os}-${matchLabels.arch}`
      assert.deepEqual(rest, {})
      assert.equal(bin, 'kubectl-sei')
      const release = 'https://github.com/sei-protocol/sei-k8s-controller/releases/download/v1.2.3'
      assert.equal(uri, `${release}/kubectl-sei-${name}.tar.gz`)
      assert.equal(sha256, createHash('sha256').update(name).digest('hex'))
      return name
    })
    assert.deepEqual(named, PLATFORMS)
  })

  test('npm install --global of a checkout gives kubectl-sei', async () => {
    const checkout = mkdtempSync(join(dir, 'checkout-'))
    const prefix = mkdtempSync(join(dir, 'prefix-'))
    cpSync(join(ROOT, 'package.json'), join(checkout, 'package.json'))
    cpSync(pluginProgram(), join(checkout, 'dist/kubectl-sei.cjs'))
    await run('npm', ['install', '--global', '--offline', `--prefix=${prefix}`, checkout])
    const env = { PATH: `${dirname(process.execPath)}:${process.env['PATH']}` }
    const { stdout } = await run(join(prefix, 'bin/kubectl-sei'), ['version', '--client'], { env })
    assert.equal(stdout, `plugin:   v${VERSION}\n`)
  })
})

interface KrewManifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly version: string
    readonly shortDescription: string
    readonly platforms: readonly {
      readonly selector: { readonly matchLabels: { readonly os: string; readonly arch: string } }
      readonly uri: string
      readonly sha256: string
      readonly bin: string
    }[]
  }
}
