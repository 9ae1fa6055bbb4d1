/** The fake seid does for a ceremony what the real one does. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { installFakeSeid } from './fake-seid.ts'
import { seidContract } from '../../../test/support/seid-contract.ts'

const dir = mkdtempSync(join(tmpdir(), 'fake-seid-'))
installFakeSeid(dir)
after(() => rmSync(dir, { recursive: true }))

seidContract('fake', () => join(dir, 'seid'))
