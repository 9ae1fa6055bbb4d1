/** The stand-in seid does for a ceremony what the real one does. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { installStandInSeid } from '../../devcluster/seid/stand-in-seid.ts'
import { seidContract } from '../support/seid-contract.ts'

const dir = mkdtempSync(join(tmpdir(), 'stand-in-seid-'))
installStandInSeid(dir)
after(() => rmSync(dir, { recursive: true }))

seidContract('stand-in', () => join(dir, 'seid'))
