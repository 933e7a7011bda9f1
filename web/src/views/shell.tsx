// The frame around the views: top bar, overview, tabs, files, details, panels; drop anywhere to open another profile.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Menu, MenuItem } from '../parts/controls';
import { Icon } from '../parts/icon';
import { copyTable, download } from '../state/actions';
import { openFile } from '../state/open';
import { available, failure, focusAsked, notice, parsedQuery, profile, progress, query, range, show, view } from '../state/store';
import { matchStep, pageKeys } from '../state/keys';
import { detailsShown } from '../state/settings';
import { views, type ViewName } from '../state/url';
import { later } from '../later-parts';
import { Details } from './details';
import { Files } from './files';
import { Overview } from './overview';
import { TopBar } from './top-bar';
import { Summary } from './summary';
import { Lines } from './lines';
import { Functions } from './functions';
import { FlameView, saveSvg } from './flame';

const content: Record<ViewName, { label: string; view: ComponentType }> = {
  summary: { label: 'Summary', view: Summary }, lines: { label: 'Lines', view: Lines }, 'functions': { label: 'Functions', view: Functions }, flame: { label: 'Flame', view: FlameView },
  timeline: { label: 'Timeline', get view() { return later.TimelineView; } }, memory: { label: 'Memory', get view() { return later.MemoryView; } }, accelerators: { label: 'Accelerators', get view() { return later.Accelerators; } }, compare: { label: 'Compare', get view() { return later.CompareView; } },
};

export function App() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const drag = (event: DragEvent) => { event.preventDefault(); setOver(event.type === 'dragover'); };
    const drop = (event: DragEvent) => { drag(event); const file = event.dataTransfer?.files[0]; if (file) openFile(file, view.value === 'compare' ? 'older' : 'profile'); };
    document.addEventListener('keydown', pageKeys);
    document.addEventListener('dragover', drag);
    document.addEventListener('dragleave', drag);
    document.addEventListener('drop', drop);
    return () => { document.removeEventListener('keydown', pageKeys); };
  }, []);
  useEffect(() => { if (profile.value) document.title = `${profile.value.name} · ${content[view.value].label} · Scalene`; }, [profile.value, view.value]);
  return (
    <>
      {profile.value ? <Page /> : <Start />}
      <div class="notice" role="status" aria-live="polite">{notice.value}</div>
      {over && <div class="drop">Drop a profile: scalene-profile.json, .json.gz or a page</div>}
    </>
  );
}

/** Where the keys of the view work: the row of its table, its chart, else the view as a whole. */
function focusView(): void {
  if (document.querySelector('dialog[open], .menu')) return;
  const main = document.querySelector<HTMLElement>('main')!;
  (main.querySelector<HTMLElement>('[data-row][tabindex="0"]') ?? main.querySelector<HTMLElement>('canvas[tabindex="0"]') ?? main.querySelector<HTMLElement>('.view[tabindex]') ?? main).focus({ preventScroll: true });
}

function Page() {
  const View = content[view.value].view;
  useEffect(() => { if (focusAsked.value) setTimeout(focusView); }, [focusAsked.value]);
  return (
    <div class="page" data-view={view.value}>
      <a class="skip" href="#view" onClick={(event) => { event.preventDefault(); focusView(); }}>Skip to the view</a>
      <TopBar />
      <Overview />
      <Tabs />
      {range.value && !/flame|timeline|memory/.test(view.value) && <p class="range-note" role="status">Computed for the whole run; Flame and Timeline show the chosen range. <button class="link" onClick={() => { range.value = null; }}>Choose all</button></p>}
      <div class="columns">
        <Files />
        <main id="view" tabIndex={-1}><View /></main>
        {detailsShown.value.value && <Details />}
      </div>
      <later.Panels />
    </div>
  );
}

function Tabs() {
  const p = profile.value!;
  return (
    <nav class="tabs" aria-label="Views">
      {views.map((name, i) => available.value.has(name) && (
        <button key={name} aria-current={view.value === name ? 'page' : undefined} onClick={() => show(name)}><span class="tab-key" aria-hidden="true">{i + 1}</span>{content[name].label}</button>
      ))}
      <span class="grow" />
      <Find />
      <OpenButton />
      <button class="select" aria-pressed={detailsShown.value.value} onClick={() => { detailsShown.value.value = !detailsShown.value.value; }}>Details</button>
      <Menu label="Export" name="Export" align="right">
        {(close) => {
          const item = (label: string, act: () => void) => <MenuItem onClick={() => { act(); close(); }}>{label}</MenuItem>;
          return <>
            {item('Copy hottest lines as Markdown', () => copyTable(later.topTable(p), 'markdown'))}
            {p.frames && item('Speedscope file', () => download(`${p.name}.speedscope.json`, later.speedscope(p), 'application/json'))}
            {p.frames && item('Flame chart as SVG', saveSvg)}
            {p.frames && item('Collapsed stacks', () => download(`${p.name}.folded`, later.foldedStacks(p), 'text/plain'))}
          </>;
        }}
      </Menu>
    </nav>
  );
}

function Find() {
  const error = parsedQuery.value?.error;
  return (
    <label class={`find${error ? ' bad' : ''}`} title={error || undefined}>
      <Icon name="search" />
      <input id="find" type="search" placeholder="File, function, text or /regex/" aria-label="Find" aria-invalid={!!error} spellcheck={false} value={query.value}
        onInput={(event) => { query.value = event.currentTarget.value; }}
        onKeyDown={(event) => { if (event.key === 'Enter') { if (view.value === 'summary' && query.value) show('lines'); matchStep.current(event.shiftKey ? -1 : 1); } }} />
      {!query.value && <kbd>/</kbd>}
    </label>
  );
}

export function OpenButton({ label = 'Open…', to = 'profile', box = false }: { label?: string; to?: 'profile' | 'older'; box?: boolean }) {
  const pick = () => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = '.json,.gz,.html,.sclp';
    input.onchange = () => { if (input.files?.[0]) openFile(input.files[0], to); };
    input.click();
  };
  return <button class={box ? 'button' : 'select'} onClick={pick}>{label}</button>;
}

/** Before there is a profile: what is being done, or why there is none. */
function Start() {
  return (
    <main class="start">
      <h1>Scalene</h1>
      {failure.value ? <><p role="alert">{failure.value}</p><p><OpenButton label="Open a profile" box /></p></> : <p>{progress.value}</p>}
    </main>
  );
}
