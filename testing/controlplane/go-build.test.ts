/** How Go is called, against a fake for the go command that prints what the real one does. */
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { Progress } from '../progress.ts'
import { goBuild, type GoBuildOptions, goModuleDir } from './go-build.ts'
import { GO_PACKAGES } from './programs.ts'
import { testDirectory } from './test-directory.ts'
import { kubernetesVersionFlags } from './versions.ts'

function optionsWith(t: TestContext, goScript: string | undefined): GoBuildOptions & { readonly details: string[] } {
  const dir = testDirectory(t)
  const bin = join(dir, 'bin')
  const outDir = join(dir, 'out')
  mkdirSync(bin)
  mkdirSync(outDir)
  if (goScript !== undefined) {
    writeFileSync(join(bin, 'go'), `#!/bin/sh\n${goScript}\n`)
    chmodSync(join(bin, 'go'), 0o755)
  }
  const details: string[] = []
  const progress = new Progress('Building', { stream: { write: () => undefined } })
  t.after(() => progress[Symbol.dispose]())
  t.mock.method(progress, 'detail', (text: string) => details.push(text))
  const env = {
    PATH: `${bin}:/bin:/usr/bin`,
    GOFLAGS: '-mod=vendor',
    GOOS: 'darwin',
    GOAMD64: 'v4',
    GOPROXY: 'mine',
    DIR: dir,
  }
  return {
    moduleDir: dir,
    outDir,
    packages: GO_PACKAGES,
    ldflags: kubernetesVersionFlags('v1.36.3'),
    env: goScript === undefined ? { PATH: bin } : env,
    progress,
    details,
  }
}

test('all programs come from one build that carries the version and ignores the developer’s own flags', async t => {
  const options = optionsWith(
    t,
    `case "$1 $2" in
      "list -m") ;;
      "list -deps") echo "go: downloading k8s.io/api v0.36.3" >&2; echo fmt; echo k8s.io/api ;;
      *) echo "$CGO_ENABLED $GOFLAGS $GOWORK $GOPROXY [$GOOS$GOAMD64]" > "$DIR/env"; echo "$@" > "$DIR/args"; touch $(for p in server kube-apiserver kube-controller-manager kube-scheduler kubectl; do echo "$DIR/out/$p"; done); echo k8s.io/api >&2 ;;
    esac`,
  )
  await goBuild(options)
  const read = (file: string): string => readFileSync(join(options.moduleDir, file), 'utf8').trim()
  assert.equal(read('env'), '0 -mod=readonly off mine []')
  assert.match(read('args'), /^build -v .*gitVersion=v1\.36\.3 .*gitMajor=1 .*gitMinor=36 -o \S+\/out\/ go\.etcd\.io\//)
  assert.ok(existsSync(join(options.outDir, 'etcd')), 'etcd has its own name')
  assert.deepEqual(options.details.slice(0, 1), ['1 Go modules fetched'])
})

test('a machine without Go is an error that says so', async t => {
  await assert.rejects(goBuild(optionsWith(t, undefined)), /^Error: Go is not installed$/)
})

test('a Go that is too old is reported with its own message', async t => {
  const message = 'go: go.mod requires go >= 1.26.0 (running go 1.22.1; GOTOOLCHAIN=local)'
  await assert.rejects(goBuild(optionsWith(t, `echo "${message}" >&2; exit 1`)), { message })
})

test('a failed build ends with its messages, without the packages that compiled', async t => {
  const script = `[ "$1" = list ] && exit 0
    echo fmt >&2; echo "# k8s.io/api" >&2; echo "x.go:1:2: no space left on device" >&2; exit 1`
  await assert.rejects(goBuild(optionsWith(t, script)), { message: '# k8s.io/api\nx.go:1:2: no space left on device' })
})

test('the sources of a required module are where Go keeps them, once it has fetched them', async t => {
  const script = `case "$1 $2" in
      "mod download") echo "$3" > "$DIR/fetched" ;;
      "list -m") [ -e "$DIR/fetched" ] && echo "/go/pkg/mod/$5@v1" ;;
    esac`
  const { moduleDir, env } = optionsWith(t, script)
  assert.equal(await goModuleDir('example.org/chain', { moduleDir, env }), '/go/pkg/mod/example.org/chain@v1')
  assert.equal(readFileSync(join(moduleDir, 'fetched'), 'utf8'), 'example.org/chain\n')
})
