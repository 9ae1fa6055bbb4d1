/** The real seid does what the ceremony's scripts and the stand-in take it to do. */
import { resolveSeid } from '../../devcluster/seid/resolve-seid.ts'
import { seidContract } from '../support/seid-contract.ts'

const { path } = await resolveSeid(process.env)

seidContract('seid', () => path)
