/** The real seid does what the ceremony's scripts and the fake take it to do. */
import { resolveSeid } from '../../testing/fakes/seid/resolve-seid.ts'
import { seidContract } from '../support/seid-contract.ts'

const { path } = await resolveSeid(process.env)

seidContract('seid', () => path)
