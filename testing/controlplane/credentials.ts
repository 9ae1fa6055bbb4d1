/** Credentials for the control plane: a bearer token for each user, the key pair of service account tokens, and kubeconfigs. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { type KeyPair, selfSignedCertificate } from '../../src/runtime/self-signed-certificate.ts'

/** As config/default names it. */
export const OPERATOR_ACCOUNT = { namespace: 'sei-k8s-controller-system', name: 'sei-k8s-controller-manager' } as const

/** The name of that Node. */
export const REAL_NODE = 'sei-node-0'

/** The user that the API server is to kubelets, by a client certificate. As kubeadm names it. */
export const KUBELET_CLIENT = 'kube-apiserver-kubelet-client'
/** Extended key usage: the certificate proves the identity of a client. */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'

/** The identities that callers choose from. */
export const USERS = {
  /** Users and tests: everything is allowed, exempt from request queueing. */
  admin: { name: 'admin', groups: ['system:masters'] },
  /** The operator under test, with a token of its ServiceAccount: it has the rights that config/rbac gives, and its requests are audited. */
  operator: { name: `system:serviceaccount:${OPERATOR_ACCOUNT.namespace}:${OPERATOR_ACCOUNT.name}`, groups: [] },
  /** The fakes of kubelet, volume provisioner and cloud. */
  fake: { name: 'fake', groups: ['system:masters'] },
  /** The benchmark's bare writer: everything is allowed, queued and audited like the operator. */
  bench: { name: 'bench', groups: [] },
  /** The kubelet of the one Node of a real cluster, which may do what the node authorizer allows. */
  kubelet: { name: `system:node:${REAL_NODE}`, groups: ['system:nodes'] },
  /** kube-controller-manager and kube-scheduler, which act for all their controllers with one identity here. */
  component: { name: 'component', groups: ['system:masters'] },
} as const satisfies Record<string, { name: string; groups: readonly string[] }>

export type User = keyof typeof USERS

/** Users in the token file. The operator's token is issued by the API server. */
export type FileUser = Exclude<User, 'operator'>

export const FILE_USERS: readonly FileUser[] = ['admin', 'fake', 'bench', 'kubelet', 'component']

export type Tokens = Readonly<Record<FileUser, string>>

export function newTokens(): Tokens {
  return {
    admin: newToken(),
    fake: newToken(),
    bench: newToken(),
    kubelet: newToken(),
    component: newToken(),
  }
}

function newToken(): string {
  return randomBytes(24).toString('base64url')
}

/** The content of `--token-auth-file`: one line of `token,user,uid,"group,group"` each. */
export function tokenFile(tokens: Tokens): string {
  const line = (user: FileUser): string =>
    `${tokens[user]},${USERS[user].name},${USERS[user].name},"${USERS[user].groups.join(',')}"`
  return `${FILE_USERS.map(line).join('\n')}\n`
}

/** PEM texts. P-256, which is fast to generate. */
export function serviceAccountKeys(): { readonly privateKey: string; readonly publicKey: string } {
  return generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
}

/** A self-contained kubeconfig (JSON, which is YAML) for one user of `server`. */
export function kubeconfig(server: string, ca: string, user: User, token: string): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'local',
    clusters: [
      { name: 'local', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
    ],
    users: [{ name: USERS[user].name, user: { token } }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: USERS[user].name } }],
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

/** What the API server shows to kubelets. */
export function kubeletClientCertificate(now: Date): KeyPair {
  return selfSignedCertificate(KUBELET_CLIENT, now, CLIENT_AUTH)
}
