/** In a pod of tests: an S3 fake that holds files of a volume. `s3.mjs PORT BUCKET/KEY=PATH...` */
import { readFile } from 'node:fs/promises'

import { startFakeS3 } from '../../fakes/s3/fake-s3.ts'

const [port = '', ...files] = process.argv.slice(2)
const s3 = await startFakeS3({ host: '0.0.0.0', port: Number(port) })
for (const file of files) {
  const [name = '', path = ''] = file.split('=')
  s3.objects.set(name, await readFile(path, 'utf8'))
}
process.once('SIGTERM', () => void s3.close())
console.log(`S3 fake with ${[...s3.objects.keys()].join(', ')} at ${s3.endpoint}`)
