/** The directory for what is made once and used again: `cacheRoot`. */
import { existsSync } from 'node:fs'
import { access, constants, lstat, mkdir, mkdtemp } from 'node:fs/promises'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

export interface CacheRoot {
  readonly dir: string
  /** The home directory cannot be written to; tools that need one (Go) should be given `dir` as HOME. */
  readonly overriddenHome: boolean
}

/**
 * `${XDG_CACHE_HOME:-~/.cache}/sei-k8s-controller`, made if absent, but never a home directory that is not there. Where
 * that cannot be written to, a directory of this user alone below the temporary directory: programs are run from it.
 */
export async function cacheRoot(env: NodeJS.ProcessEnv, temporary = tmpdir()): Promise<CacheRoot> {
  const home = env['HOME'] || homedir()
  const base = env['XDG_CACHE_HOME'] || (existsSync(home) ? join(home, '.cache') : undefined)
  const dir = base && join(base, 'sei-k8s-controller')
  if (dir && (await isUsable(dir))) return { dir, overriddenHome: !env['HOME'] || !(await isWritable(env['HOME'])) }
  return { dir: await privateDirectory(temporary), overriddenHome: true }
}

async function isUsable(dir: string): Promise<boolean> {
  const isThere = await mkdir(dir, { recursive: true }).then(
    () => true,
    () => false,
  )
  return isThere && isWritable(dir)
}

function isWritable(dir: string): Promise<boolean> {
  return access(dir, constants.W_OK).then(
    () => true,
    () => false,
  )
}

/** The same one each time, unless another user was there first and could put programs of theirs into it. */
async function privateDirectory(temporary: string): Promise<string> {
  const { uid } = userInfo()
  const dir = join(temporary, `sei-k8s-controller-${uid}`)
  await mkdir(dir, { mode: 0o700 }).catch(() => undefined)
  const found = await lstat(dir)
  const isPrivate = found.isDirectory() && found.uid === uid && (found.mode & 0o777) === 0o700
  return isPrivate ? dir : mkdtemp(`${dir}-`)
}
