/** Lets a program act as a ServiceAccount: `accountKubeconfig`. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { attachedControlPlane } from '../../testing/controlplane/environment.ts'
import { kubectl } from '../../testing/kubectl.ts'

/** The path of a kubeconfig with a token of the account, in `dir`. */
export async function accountKubeconfig(account: string, namespace: string, dir: string): Promise<string> {
  const { kubeconfigPath } = attachedControlPlane(process.env)
  const admin: unknown = JSON.parse(
    await kubectl(['config', 'view', '--raw', '-o', 'json', `--kubeconfig=${kubeconfigPath}`]),
  )
  const token = (await kubectl(['create', 'token', account, '-n', namespace])).trim()
  const path = join(dir, 'kubeconfig')
  const contexts = [{ name: 'local', context: { cluster: 'local', user: account, namespace } }]
  await writeFile(path, JSON.stringify({ ...Object(admin), users: [{ name: account, user: { token } }], contexts }))
  return path
}
