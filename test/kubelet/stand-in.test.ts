/** The stand-in node does what a kubelet does; test/e2e holds a real one to the same contract. */
import { kubeletContract } from './contract.ts'
import { openStandIn } from './stand-in-subject.ts'

kubeletContract('the stand-in node', openStandIn)
