// Bundles the page into one script and one style sheet, and the drawer for proposals into another pair:  node build.mjs [--outdir DIR] [--watch]
// Default folder: build/web of the repository. The C++ build embeds the four files.
import { build, context } from 'esbuild';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const here = path.dirname(fileURLToPath(import.meta.url));
const at = process.argv.indexOf('--outdir');
const outdir = at > 0 ? path.resolve(process.argv[at + 1]) : path.join(here, '../build/web');

const options = {
  absWorkingDir: here,
  entryPoints: { app: 'src/main.tsx' },
  outdir,
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2022', 'chrome103', 'firefox113', 'safari16.4'],
  // h(tag, props, children) is a good deal shorter than the automatic form, which the type checker is told about.
  tsconfigRaw: { compilerOptions: { jsx: 'react', jsxFactory: 'h', jsxFragmentFactory: 'Fragment' } },
  inject: ['src/jsx.ts'],
  // Names of the model, which no browser knows; where a file has them, they stand in quotes. The page has to stay below 200 KB.
  mangleProps: /^(functions|elapsed|totals|metrics|strings|footprint|frames|depth|label|count|index|color|unit|node|frame|threshold|segments|choices|dedent|parent|offsets|descending|footprintPython|functionStart|functionEnd|regionStart|regionEnd|loopStart|loopEnd|lineCount|peakPython|peakFile|peakLine|hiddenCount|hiddenFiles|hideBelow|onlyFile|hasMemory|hasAwait|maxFootprint|showSmallFiles|reasonAt|headerHeight|stickyRows|smallFiles|selectable|rowClass|velocity|onActive|onOpen|reveal|shouldComponentUpdate|getDerivedStateFromProps|componentWillReceiveProps|getDerivedStateFromError|getSnapshotBeforeUpdate|componentWillUnmount|componentWillUpdate|componentWillMount|componentDidUpdate|componentDidMount|componentDidCatch|debounceRendering|getChildContext|setState|forceUpdate|contextType|onClose|focusable|isHottest|stripes|fullInk|toRows|toScroll|zoomed)$/,
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
};

// The drawer reads the model that the page has made, so its names are shortened alike.
const { mangleCache } = await build({ ...options, mangleCache: {} });
await build({ ...options, mangleCache, entryPoints: { ai: 'src/ai.tsx' } });
if (process.argv.includes('--watch')) await (await context(options)).watch();
