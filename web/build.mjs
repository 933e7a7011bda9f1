// Bundles the page:  node build.mjs [--outdir DIR] [--watch]        default folder: build/web of the repository
//   app.js, app.css   what the first view needs
//   later.js          what is opened later (src/later.tsx); it uses the modules of app.js, which hands them over
//   ai.js, ai.css     the drawer for proposals, on its own
// The C++ build embeds all of them.
import { build, context } from 'esbuild';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const here = path.dirname(fileURLToPath(import.meta.url));
const at = process.argv.indexOf('--outdir');
const outdir = at > 0 ? path.resolve(process.argv[at + 1]) : path.join(here, '../build/web');

const options = {
  absWorkingDir: here,
  outdir,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2022', 'chrome103', 'firefox113', 'safari16.4'],
  // h(tag, props, children) is a good deal shorter than the automatic form, which the type checker is told about.
  tsconfigRaw: { compilerOptions: { jsx: 'react', jsxFactory: 'h', jsxFragmentFactory: 'Fragment' } },
  inject: ['src/jsx.ts'],
  // Names of the model, which no browser knows; where a file has them, they stand in quotes. The page has to stay below 200 KB.
  mangleProps: /^(functions|elapsed|totals|metrics|strings|footprint|frames|depth|label|count|index|color|unit|node|frame|threshold|segments|choices|dedent|parent|offsets|descending|footprintPython|functionStart|functionEnd|regionStart|regionEnd|loopStart|loopEnd|lineCount|peakPython|peakFile|peakLine|hiddenCount|hiddenFiles|hideBelow|onlyFile|hasMemory|hasAwait|maxFootprint|showSmallFiles|reasonAt|headerHeight|stickyRows|smallFiles|selectable|rowClass|velocity|onActive|onOpen|reveal)$/,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
};

/** Which exports of which modules of app.js does later.js use? [[module, name], …]; the order is their number. */
async function sharedNames() {
  const app = await build({ ...options, entryPoints: { app: 'src/main.tsx' }, write: false, metafile: true });
  const inApp = new Set(Object.keys(app.metafile.inputs).map((file) => path.resolve(here, file)));
  const outside = { name: 'outside', setup: (bundle) => bundle.onResolve({ filter: /.*/ }, async (asked) => {
    if (asked.pluginData === 'asked' || asked.kind === 'entry-point') return null;
    const found = await bundle.resolve(asked.path, { kind: asked.kind, resolveDir: asked.resolveDir, importer: asked.importer, pluginData: 'asked' });
    return inApp.has(found.path) && !found.path.endsWith('.css') ? { path: found.path, external: true } : null;
  }) };
  const later = await build({ ...options, entryPoints: { later: 'src/later.tsx' }, write: false, minify: false, format: 'esm', plugins: [outside] });
  const names = new Map();
  for (const [, list, module] of later.outputFiles[0].text.matchAll(/^import \{([^}]*)\} from "([^"]+)";$/gm))
    for (const each of list.split(',')) names.set(`${module} ${each.trim().split(' as ')[0]}`, [module, each.trim().split(' as ')[0]]);
  return [...names.values()];
}

const shared = await sharedNames();

/** main.tsx, and the list of what it shares. */
const app = { ...options, stdin: { resolveDir: here, sourcefile: 'app.ts', contents: [
  "import './src/main.tsx';",
  ...shared.map(([module, name], i) => `import { ${name} as shared${i} } from ${JSON.stringify(module)};`),
  `globalThis.scalene = [${shared.map((_, i) => `shared${i}`)}];`,
].join('\n') }, outfile: path.join(outdir, 'app.js'), outdir: undefined };

/** Takes the modules that app.js has from its list. */
const fromApp = { name: 'from-app', setup(bundle) {
  const modules = new Set(shared.map(([module]) => module));
  bundle.onResolve({ filter: /.*/ }, async (asked) => {
    if (asked.pluginData === 'asked' || asked.kind === 'entry-point') return null;
    if (asked.path === 'shared') return { path: 'shared', namespace: 'shared' };
    const found = await bundle.resolve(asked.path, { kind: asked.kind, resolveDir: asked.resolveDir || here, importer: asked.importer, pluginData: 'asked' });
    return modules.has(found.path) ? { path: found.path, namespace: 'of-app' } : null;
  });
  bundle.onLoad({ filter: /.*/, namespace: 'shared' }, () => ({ contents: `export const [${shared.map((_, i) => `shared${i}`)}] = globalThis.scalene;` }));
  bundle.onLoad({ filter: /.*/, namespace: 'of-app' }, ({ path: module }) => ({
    contents: `export { ${shared.flatMap(([of, name], i) => (of === module ? [`shared${i} as ${name}`] : []))} } from 'shared';`,
  }));
} };

// All of them read one model, so its names are shortened alike.
const { mangleCache } = await build({ ...app, mangleCache: {} });
await build({ ...options, mangleCache, entryPoints: { later: 'src/later.tsx' }, plugins: [fromApp] });
await build({ ...options, mangleCache, entryPoints: { ai: 'src/ai.tsx' } });
if (process.argv.includes('--watch')) await (await context(app)).watch();
