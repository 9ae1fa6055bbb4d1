/** What works with which release of the sidecar, found by trying: `sidecarVersions` gives the text of docs/sidecar-versions.md. */
import { NEWEST, OLDEST } from '../testing/fakes/sidecar/profile.ts'
import { type Trial, tryRelease } from './try-release.ts'

interface Column {
  readonly title: string
  readonly cell: (trial: Trial) => string
}

const WORKS: readonly Column[] = [
  { title: 'bootstrap', cell: ({ bootstrap }) => bootstrap },
  { title: '`ec2Tags` peers: who looks them up', cell: ({ ec2Tags }) => ec2Tags },
  { title: 'retry of a failed plan', cell: ({ retry }) => retry },
  { title: 'snapshot upload', cell: ({ upload }) => upload },
  { title: 'result export', cell: trial => trial.export },
]

const PLACES: readonly Column[] = [
  { title: 'snapshot', cell: ({ snapshot }) => snapshot },
  { title: 'genesis', cell: ({ genesis }) => genesis },
  { title: 'genesis of pacific-1', cell: ({ builtInGenesis }) => builtInGenesis },
  { title: 'places that were not read', cell: ({ ignoredPlaces }) => ignoredPlaces },
]

const PROTOCOL: readonly Column[] = [
  { title: 'task ids', cell: ({ ids }) => ids },
  { title: 'tasks at once', cell: ({ atOnce }) => atOnce },
  { title: 'a finished task, after a restart', cell: ({ memory }) => memory },
  { title: 'the id of a failed task, sent again', cell: ({ failedAgain }) => failedAgain },
]

/** Markdown; the path is relative to the repository. Takes some seconds: every release is tried. */
export async function sidecarVersions(): Promise<{ readonly path: string; readonly text: string }> {
  const trials = new Map<number, Trial>()
  for (let release = OLDEST; release <= NEWEST; release++) trials.set(release, await tryRelease(`v0.0.${release}`))
  const text = `# Sidecar versions

Made by \`make generate\`, which runs the operator's own code against every release from v0.0.${OLDEST} to v0.0.${NEWEST}, as the fake sidecar plays it ([ADR 4](adr/0004-fake-sidecar.md)), with the container environment that the operator sets. So these tables are true of the real sidecar as far as the fake is. \`SEICTL=/path/to/seictl\` runs its contract suite against a binary.

Without \`spec.sidecar.image\` a node runs \`SEI_SIDECAR_IMAGE\`, by default the tag \`latest\`: read the last row. Pin a version where an unplanned change of it would matter.

## What works

The manifests name \`s3://uploads/some/folder/\` for snapshots and \`s3://results/some/folder/\` for results. The volume holds two snapshots, with their \`metadata.db\` as a directory, as seid makes it.

${table(WORKS, trials)}

A run that never ends is the loop of these sidecars: the first run uploads, and goes on uploading at an interval of its own, \`SEI_SNAPSHOT_UPLOAD_INTERVAL\`, which the operator sets to the shortest time between two slots of \`schedule\`; otherwise \`schedule\` decides only when the loop begins. Its failed attempts are in the sidecar's log alone, so \`RuntimeTasksHealthy\` is \`Unknown\` (\`ResultUnknown\`) while it runs. From v0.0.66 on each slot is one \`snapshot-upload-once\`, which tells what it did or why it failed.

A sidecar from v0.0.25 on takes up a run again after a restart. Where the spec no longer asks for it, the operator deletes it before the pod changes. Up to v0.0.65 a deleted loop goes on until the sidecar restarts, so the operator restarts the pod.

Uploads from v0.0.27 on go to the one bucket that the sidecar knows, \`SEI_SNAPSHOT_BUCKET\`. The operator sets it to the bucket of the snapshot that the node starts from, and without one to that of \`snapshotGeneration.destination\`. Where a destination was taken away, or an earlier node of this name used the volume, and the spec names neither, it is set to a name that no bucket can have.

## Which place in S3 is read

The manifest says \`chainId: my-chain\`, \`snapshot.s3.uri: s3://snapshots/some/folder\` and \`genesis.s3.uri: s3://files/some/genesis.json\`.

${table(PLACES, trials)}

## What the operator adapts to

Nothing of this asks for your attention; it is why the operator asks before it sends.

${table(PROTOCOL, trials)}

The operator never has two tasks of a plan in flight, whatever a sidecar allows. A retry is sent under a new id. After every restart each of these releases holds seid back until it is sent a new \`mark-ready\`, which the operator does.
`
  return { path: 'docs/sidecar-versions.md', text }
}

/** Neighbours that are alike share a row. */
function table(columns: readonly Column[], trials: ReadonlyMap<number, Trial>): string {
  const rows: { readonly first: number; last: number; readonly cells: string }[] = []
  for (const [release, trial] of trials) {
    const cells = columns.map(({ cell }) => cell(trial)).join(' | ')
    const row = rows.at(-1)
    if (row?.cells === cells) row.last = release
    else rows.push({ first: release, last: release, cells })
  }
  const titles = columns.map(({ title }) => title).join(' | ')
  return [
    `| release | ${titles} |`,
    `|---|${'---|'.repeat(columns.length)}`,
    ...rows.map(({ first, last, cells }) => `| ${range(first, last)} | ${cells} |`),
  ].join('\n')
}

function range(first: number, last: number): string {
  return first === last ? `v0.0.${first}` : `v0.0.${first} to v0.0.${last}`
}
