/** The fake node does what a kubelet does; test/e2e holds a real one to the same contract. */
import { kubeletContract } from './contract.ts'
import { openFake } from './fake-subject.ts'

kubeletContract('the fake node', openFake)
