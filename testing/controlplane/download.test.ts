/** The official release, as a local server plays it: complete, damaged, missing, cut short, silent. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { Progress } from '../progress.ts'
import { downloadRelease, type DownloadOptions } from './download.ts'
import { PROGRAMS } from './programs.ts'
import { testDirectory } from './test-directory.ts'

const KUBERNETES = '/k8s/v1.36.3/bin/linux/amd64'
const ETCD = '/etcd/v3.6.16'
const ARCHIVE = 'etcd-v3.6.16-linux-amd64.tar.gz'

type Answer = Buffer | ((response: ServerResponse, attempt: number) => void)

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
const contentOf = (program: string): Buffer => Buffer.from(`the program ${program}`.repeat(10_000))

/** The etcd release's archive: the program in a folder, beside others. */
function etcdArchive(t: TestContext, programName = 'etcd'): Buffer {
  const dir = testDirectory(t)
  const folder = 'etcd-v3.6.16-linux-amd64'
  mkdirSync(join(dir, folder))
  writeFileSync(join(dir, folder, programName), contentOf('etcd'), { mode: 0o755 })
  writeFileSync(join(dir, folder, 'README.md'), 'read me')
  execFileSync('tar', ['-czf', 'archive', folder], { cwd: dir })
  return readFileSync(join(dir, 'archive'))
}

/** Every address of a good release. */
function goodRelease(t: TestContext, archive = etcdArchive(t)): Map<string, Answer> {
  const answers = new Map<string, Answer>()
  for (const program of PROGRAMS.filter(name => name !== 'etcd')) {
    answers.set(`${KUBERNETES}/${program}`, contentOf(program))
    answers.set(`${KUBERNETES}/${program}.sha256`, Buffer.from(`${sha256(contentOf(program))}\n`))
  }
  answers.set(`${ETCD}/${ARCHIVE}`, archive)
  answers.set(`${ETCD}/SHA256SUMS`, Buffer.from(`${'0'.repeat(64)}  other.zip\n${sha256(archive)}  ${ARCHIVE}\n`))
  return answers
}

/** Serves the answers and gives the options to download them into an empty directory. */
async function serve(t: TestContext, answers: ReadonlyMap<string, Answer>): Promise<DownloadOptions> {
  const attempts = new Map<string, number>()
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    const answer = answers.get(path)
    attempts.set(path, (attempts.get(path) ?? 0) + 1)
    if (typeof answer === 'function') answer(response, attempts.get(path) ?? 0)
    else response.writeHead(answer ? 200 : 404).end(answer ?? 'not here')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const progress = new Progress('Downloading', { stream: { write: () => undefined } })
  t.after(() => progress[Symbol.dispose]())
  return {
    outDir: testDirectory(t),
    env: {},
    versions: { kubernetes: 'v1.36.3', etcd: 'v3.6.16' },
    kubernetesUrl: `http://127.0.0.1:${address.port}/k8s`,
    etcdUrl: `http://127.0.0.1:${address.port}/etcd`,
    platform: 'linux',
    arch: 'x64',
    progress,
  }
}

/** Sends half of the content, then breaks the connection. */
function cutShort(content: Buffer): (response: ServerResponse) => void {
  return response => {
    response.writeHead(200, { 'content-length': content.length })
    response.write(content.subarray(0, content.length / 2), () => response.destroy())
  }
}

test('a good release gives all programs, executable, and nothing else', async t => {
  const options = await serve(t, goodRelease(t))
  await downloadRelease(options)
  assert.deepEqual(readdirSync(options.outDir).toSorted(), [...PROGRAMS])
  for (const program of PROGRAMS) {
    const path = join(options.outDir, program)
    assert.ok(readFileSync(path).equals(contentOf(program)), program)
    assert.equal(statSync(path).mode & 0o111, 0o111, `${program} is executable`)
  }
})

test('its progress says how much of how much is fetched', async t => {
  const answers = goodRelease(t)
  const large = Buffer.alloc(3 * 1024 * 1024, 'x')
  answers.set(`${KUBERNETES}/kubectl`, (response, attempt) => {
    if (attempt === 1) cutShort(large)(response)
    else response.writeHead(200, { 'content-length': large.length }).end(large)
  })
  answers.set(`${KUBERNETES}/kubectl.sha256`, Buffer.from(sha256(large)))
  const options = await serve(t, answers)
  const details: string[] = []
  t.mock.method(options.progress, 'detail', (text: string) => details.push(text))
  await downloadRelease(options)
  assert.equal(details.at(-1), '3 of 4 MiB fetched')
})

test('a file that is not what its checksum says is refused, with both digests and its address', async t => {
  const answers = goodRelease(t)
  answers.set(`${KUBERNETES}/kube-apiserver`, Buffer.from('damaged'))
  const options = await serve(t, answers)
  const expected = `${KUBERNETES}/kube-apiserver: checksum mismatch: expected ${sha256(contentOf('kube-apiserver'))}, found ${sha256(Buffer.from('damaged'))}`
  await assert.rejects(downloadRelease(options), error => error instanceof Error && error.message.endsWith(expected))
  assert.deepEqual(
    readdirSync(options.outDir).filter(name => name.startsWith('kube-apiserver')),
    [],
  )
})

test('a damaged archive is refused before it is unpacked', async t => {
  const answers = goodRelease(t)
  answers.set(`${ETCD}/${ARCHIVE}`, Buffer.from('damaged'))
  const options = await serve(t, answers)
  await assert.rejects(downloadRelease(options), /etcd-v3\.6\.16-linux-amd64\.tar\.gz: checksum mismatch/)
})

for (const missing of [`${KUBERNETES}/kube-scheduler`, `${KUBERNETES}/kubectl.sha256`, `${ETCD}/SHA256SUMS`]) {
  test(`a 404 names the address: ${missing}`, async t => {
    const answers = goodRelease(t)
    answers.delete(missing)
    const options = await serve(t, answers)
    await assert.rejects(downloadRelease(options), error => {
      assert.ok(error instanceof Error)
      assert.equal(error.message, `${options.kubernetesUrl.replace('/k8s', '')}${missing}: HTTP status 404`)
      return true
    })
  })
}

test('a checksum that is none is refused before anything large is fetched', async t => {
  const answers = goodRelease(t)
  answers.set(`${KUBERNETES}/kubectl.sha256`, Buffer.from('<html>sign in</html>'))
  const options = await serve(t, answers)
  await assert.rejects(downloadRelease(options), /kubectl: the checksum published for it is no SHA-256 digest/)
})

test('a list of checksums without the archive is refused', async t => {
  const answers = goodRelease(t)
  answers.set(`${ETCD}/SHA256SUMS`, Buffer.from(`${'0'.repeat(64)}  other.zip\n`))
  const options = await serve(t, answers)
  await assert.rejects(downloadRelease(options), /SHA256SUMS names no checksum of etcd-v3\.6\.16-linux-amd64\.tar\.gz/)
})

test('a connection that breaks on the way is retried', async t => {
  const answers = goodRelease(t)
  const content = contentOf('kube-apiserver')
  answers.set(`${KUBERNETES}/kube-apiserver`, (response, attempt) => {
    if (attempt === 1) cutShort(content)(response)
    else response.end(content)
  })
  const options = await serve(t, answers)
  await downloadRelease(options)
  assert.ok(readFileSync(join(options.outDir, 'kube-apiserver')).equals(content))
})

test('a connection that always breaks is given up after three attempts, and leaves no partial file', async t => {
  const answers = goodRelease(t)
  let attempts = 0
  answers.set(`${KUBERNETES}/kube-apiserver`, response => {
    attempts += 1
    cutShort(contentOf('kube-apiserver'))(response)
  })
  const options = await serve(t, answers)
  await assert.rejects(downloadRelease(options), /bin\/linux\/amd64\/kube-apiserver: terminated/)
  assert.equal(attempts, 3)
  assert.deepEqual(
    readdirSync(options.outDir).filter(name => name.includes('partial') || name === 'kube-apiserver'),
    [],
  )
})

test('a download from a server that becomes silent is aborted', async t => {
  const answers = goodRelease(t)
  answers.set(`${KUBERNETES}/kubectl`, response => void response.writeHead(200).write('a beginning'))
  const options = await serve(t, answers)
  await assert.rejects(downloadRelease({ ...options, idleTimeoutMs: 200 }), /kubectl: nothing came for 0\.2 s/)
})

test('an unreachable server is not retried', async t => {
  const options = await serve(t, new Map())
  const nobody = 'http://127.9.9.9:20999'
  await assert.rejects(downloadRelease({ ...options, kubernetesUrl: nobody, etcdUrl: nobody }), /127\.9\.9\.9:20999/)
})

test('a download goes through the proxy of its environment', async t => {
  const { kubernetesUrl, ...options } = await serve(t, new Map())
  const { host } = new URL(kubernetesUrl)
  const tunnels = new Set<string>()
  const proxy = createServer().on('connect', ({ url = '' }, socket) => {
    tunnels.add(url)
    const onward = connect(Number(host.split(':')[1]), '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    for (const each of [socket, onward]) each.on('error', () => {})
    socket.pipe(onward).pipe(socket)
  })
  const port = await new Promise<number>(resolve => {
    proxy.listen(0, '127.0.0.1', () => {
      const address = proxy.address()
      resolve(typeof address === 'object' ? (address?.port ?? 0) : 0)
    })
  })
  t.after(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  const env = { HTTP_PROXY: `http://127.0.0.1:${port}` }
  const url = 'http://release.invalid'
  const download = downloadRelease({ ...options, env, kubernetesUrl: `${url}/k8s`, etcdUrl: `${url}/etcd` })
  await assert.rejects(download, /^Error: http:\/\/release\.invalid\/\S+: HTTP status 404$/)
  assert.deepEqual([...tunnels], ['release.invalid:80'])
})

test('an archive without etcd is refused by name', async t => {
  const options = await serve(t, goodRelease(t, etcdArchive(t, 'etcdctl')))
  await assert.rejects(downloadRelease(options), /holds no etcd-v3\.6\.16-linux-amd64\/etcd/)
})

test('a platform without a release is an error that says so', async t => {
  const options = await serve(t, new Map())
  const darwin = downloadRelease({ ...options, platform: 'darwin' })
  await assert.rejects(darwin, /Kubernetes releases hold no kube-apiserver for darwin, only for Linux/)
  await assert.rejects(downloadRelease({ ...options, arch: 'ia32' }), /for x64 and arm64 only, this is ia32/)
})
