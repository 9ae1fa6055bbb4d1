/** The files of an image, gathered from this machine: `RootDirectory` copies programs with the shared libraries that they need. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Directories that distributions merged into /usr: in the image, too, a file has one place. */
const MERGED = ['bin', 'sbin', 'lib', 'lib64']
/** The user that pods run as, so that programs find a name and a home for it. */
const PASSWD = 'root:x:0:0:root:/root:/bin/sh\nnonroot:x:65532:65532:nonroot:/home/nonroot:/bin/sh\n'
const GROUP = 'root:x:0:\nnonroot:x:65532:\n'
/** The default directories of the dynamic linker. */
const LINKER_DIRECTORY = /^(\/usr)?\/lib(64)?\//

export class RootDirectory {
  readonly dir: string

  private constructor(dir: string) {
    this.dir = dir
  }

  /** Makes the skeleton in `dir`, which may not exist yet. */
  static async create(dir: string): Promise<RootDirectory> {
    for (const name of MERGED) {
      await mkdir(join(dir, 'usr', name), { recursive: true })
      await symlink(`usr/${name}`, join(dir, name))
    }
    for (const name of ['dev', 'proc', 'sys', 'run', 'var', 'root', 'home/nonroot', 'etc', 'tmp']) {
      await mkdir(join(dir, name), { recursive: true })
    }
    await chmod(join(dir, 'tmp'), 0o1777)
    const root = new RootDirectory(dir)
    await root.write('etc/passwd', PASSWD)
    await root.write('etc/group', GROUP)
    await root.write('etc/nsswitch.conf', 'hosts: files dns\n')
    return root
  }

  /** `path` is relative to the image's root. */
  async write(path: string, text: string, mode = 0o644): Promise<void> {
    const target = join(this.dir, path)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, text)
    await chmod(target, mode)
  }

  async copy(from: string, path: string, mode = 0o755): Promise<void> {
    const target = join(this.dir, path)
    await mkdir(dirname(target), { recursive: true })
    await copyFile(from, target)
    await chmod(target, mode)
  }

  /** A program, and its libraries: those outside the linker's directories are copied to /usr/lib. */
  async copyProgram(from: string, path: string): Promise<void> {
    await this.copy(from, path)
    for (const library of await librariesOf(from)) {
      await this.copy(library, LINKER_DIRECTORY.test(library) ? library.slice(1) : `usr/lib/${basename(library)}`)
    }
  }

  /** Programs of this machine by name, into /usr/bin. Rejects with the name of one that it lacks. */
  async copyTools(names: readonly string[]): Promise<void> {
    for (const name of names) await this.copyProgram(toolPath(name), `usr/bin/${name}`)
  }
}

function toolPath(name: string): string {
  for (const dir of ['/usr/bin', '/bin', '/usr/sbin', '/sbin']) {
    if (existsSync(join(dir, name))) return join(dir, name)
  }
  throw new Error(`images: this machine has no program ${name}`)
}

/** Absolute paths; none for a program that is linked statically. */
async function librariesOf(program: string): Promise<readonly string[]> {
  const { stdout } = await run('ldd', [program]).catch(() => ({ stdout: '' }))
  const missing = /(\S+) => not found/.exec(stdout)?.[1]
  if (missing !== undefined) throw new Error(`images: ${program} needs ${missing}, which is not on this machine`)
  return [...stdout.matchAll(/(?:^|=>)\s+(\/\S+) \(0x/gm)].map(([, path = '']) => path)
}
