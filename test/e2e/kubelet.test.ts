/** Runs the contract of the fake node against a real kubelet. */
import { kubeletContract } from '../kubelet/contract.ts'
import { openKubelet } from './kubelet-subject.ts'

kubeletContract('a real kubelet', openKubelet)
