/** The ports of a node's pod: `seidPorts`, `sidecarPort`. */
import type { ContainerPort, ServicePort } from 'kubernetes-types/core/v1.d.ts'
import { SEID_PORTS } from '../api/names.ts'

interface NamedPort {
  readonly name: string
  readonly port: number
  readonly appProtocol?: string
}

/** Ports of seid. gRPC has an appProtocol because proxies cannot detect HTTP/2 without TLS. */
export function seidPorts(): readonly NamedPort[] {
  return Object.entries(SEID_PORTS).map(([name, port]) =>
    name === 'grpc' ? { name, port, appProtocol: 'kubernetes.io/h2c' } : { name, port },
  )
}

export function sidecarPort(port: number): NamedPort {
  return { name: 'sidecar', port }
}

export function containerPort({ name, port }: NamedPort): ContainerPort {
  return { name, containerPort: port, protocol: 'TCP' }
}

export function servicePort({ name, port, appProtocol }: NamedPort): ServicePort {
  return { name, port, targetPort: port, protocol: 'TCP', ...(appProtocol === undefined ? {} : { appProtocol }) }
}
