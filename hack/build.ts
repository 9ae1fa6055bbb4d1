/**
 * Makes sei-k8s-controller.mjs and kubectl-sei.cjs, in dist/ or the directory that is named: each is a whole program as one
 * file that Node runs without node_modules. The plugin is CommonJS, because executable.ts needs that. Beside each, the list
 * of the packages in it.
 */
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import {
  build as bundle,
  type BuildOptions,
  type Metafile,
  type Plugin,
  transform,
  type TransformOptions,
} from 'esbuild'
import { billOfMaterials } from './bill-of-materials.ts'

const root = join(import.meta.dirname, '..')
const outdir = resolve(root, process.argv[2] ?? 'dist')
/** What was bundled apart, and is a part of the operator. */
const metafiles: Metafile[] = []

// Libraries in CommonJS ask for `require` and for their directory, which an ES module does not have.
const banner = [
  "import { createRequire as __createRequire } from 'node:module'",
  'const require = __createRequire(import.meta.url)',
  'const __dirname = import.meta.dirname',
  'const __filename = import.meta.filename',
].join('\n')

/**
 * Only kubeconfigs are read with @kubernetes/client-node. Its generated API classes would be 17 MB of the bundle, which
 * Node holds in memory whether they are used or not; without side effects they are left out.
 */
const kubeconfigOnly: Plugin = {
  name: 'kubeconfig-only',
  setup(build) {
    build.onResolve({ filter: /^\./ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      if (pluginData !== undefined || !/client-node[/\\]dist/.test(resolveDir)) return undefined
      const resolved = await build.resolve(path, { importer, kind, resolveDir, pluginData: 'resolved' })
      return /dist[/\\]gen[/\\]/.test(resolved.path) ? { ...resolved, sideEffects: false } : resolved
    })
  },
}

/**
 * EC2's client becomes one small module that is evaluated when it is first asked for. esbuild takes a module that is
 * imported lazily whole, with EC2's 700 operations, and hoists what it imports of Node. Bundled apart it is 0.4 MB in
 * place of 1.6, and an operator that never needs it holds 1 MB of memory for it in place of 13.
 */
const smallEc2: Plugin = {
  name: 'small-ec2',
  setup(build) {
    build.onResolve({ filter: /^\.\/ec2-sdk\.ts$/ }, ({ path, resolveDir }) => {
      return { path: relative(root, join(resolveDir, path)), namespace: 'small-ec2' }
    })
    build.onLoad({ filter: /./, namespace: 'small-ec2' }, async ({ path }) => {
      const { outputFiles, metafile } = await bundle({
        ...common,
        entryPoints: [join(root, path)],
        write: false,
        format: 'cjs',
        // Of the SDK only its ES modules can be taken apart.
        mainFields: ['module', 'main'],
        plugins: [literalKeys],
      })
      metafiles.push(metafile)
      return { contents: outputFiles[0]?.text ?? '', loader: 'js' }
    })
  },
}

/**
 * The description of EC2's operations names keys by constants, `{ [_xN]: ... }`, which for all esbuild knows may have
 * side effects: with the names themselves it can leave out what no operation in use refers to.
 */
const literalKeys: Plugin = {
  name: 'literal-keys',
  setup(build) {
    build.onLoad({ filter: /client-ec2[/\\]dist-es[/\\]schemas[/\\]/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      const constants = new Map(
        [...text.matchAll(/^const (\w+) = ("[^"\\]*");$/gm)].map(([, name, value]) => [name, value]),
      )
      const contents = text.replaceAll(/\[(\w+)\]:/g, (key, name: string) => {
        const value = constants.get(name)
        return value === undefined ? key : `${value}:`
      })
      return { contents, loader: 'js' }
    })
  },
}

/** The console's files for the browser become part of the bundle. */
const embeddedAssets: Plugin = {
  name: 'embedded-assets',
  setup(build) {
    build.onLoad({ filter: /plugin[/\\]console[/\\]assets\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      const specifiers = [...text.matchAll(/\bread\(('[^']+')\)/g)].map(([, specifier]) => specifier)
      const imports = specifiers.map((specifier, at) => `import asset${at} from ${specifier} with { type: 'text' }\n`)
      const withoutRead = text.replace(/^function read\([^]*?^}\n/m, '')
      let next = 0
      return {
        contents: imports.join('') + withoutRead.replaceAll(/\bread\('[^']+'\)/g, () => `asset${next++}`),
        loader: 'ts',
      }
    })
  },
}

const common = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  legalComments: 'none',
  absWorkingDir: root,
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions

const MINIFIED = { minify: true, keepNames: true } as const satisfies TransformOptions

await mkdir(outdir, { recursive: true })
await write('sei-k8s-controller', 'mjs', 'src/cli/main.ts', [kubeconfigOnly, smallEc2])
await chmod(await write('kubectl-sei', 'cjs', 'src/plugin/main.ts', [kubeconfigOnly, embeddedAssets]), 0o755)

/** Resolves with the path of the program. */
async function write(name: string, extension: 'mjs' | 'cjs', entryPoint: string, plugins: Plugin[]): Promise<string> {
  const format = extension === 'mjs' ? 'esm' : 'cjs'
  const { outputFiles, metafile } = await bundle({
    ...common,
    format,
    entryPoints: [join(root, entryPoint)],
    write: false,
    ...(format === 'esm' && { banner: { js: banner } }),
    plugins,
  })
  // Node holds the text for as long as it runs: minified, that is 10 MB less memory. Names stay, for stack traces. Minified
  // while it is bundled, what is imported lazily takes more memory than it saves.
  const minified = await transform(outputFiles[0]?.text ?? '', { ...MINIFIED, format, target: common.target })
  const outfile = join(outdir, `${name}.${extension}`)
  await writeFile(outfile, minified.code)
  await writeFile(join(outdir, `${name}.cdx.json`), await billOfMaterials([metafile, ...metafiles.splice(0)], root))
  const { size } = await stat(outfile)
  console.log(`built ${relative(root, outfile)} (${Math.round(size / 1024)} KiB)`)
  return outfile
}
