/** A real kubelet is held to the contract that the fake node fulfils in the integration tests. */
import { kubeletContract } from '../kubelet/contract.ts'
import { openKubelet } from './kubelet-subject.ts'

kubeletContract('a real kubelet', openKubelet)
