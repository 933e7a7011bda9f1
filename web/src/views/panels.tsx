// What opens over the page: help, settings, warnings, the command palette, the prompt for a proposal.
import { useMemo, useState } from 'preact/hooks';
import { Dialog, Segmented } from '../parts/controls';
import { asks, copy } from '../state/actions';
import { help } from '../state/keys';
import { editor, letterKeys, nextTheme, theme } from '../state/settings';
import { askFocus, available, chooseFile, goToLine, panel, profile, proposal, served, show } from '../state/store';
import { views } from '../state/url';
import { promptFor, type Goal } from '../model/prompt';
import { regionOf } from '../model/region';
import { Dim } from '../parts/tags';

const close = () => { panel.value = ''; };

export function Panels() {
  switch (panel.value) {
    case 'help': return <Help />;
    case 'settings': return <Settings />;
    case 'warnings': return <Warnings />;
    case 'palette': return <Palette />;
    case 'proposal': return <Proposal />;
    default: return null;
  }
}

function Help() {
  return (
    <Dialog title="Help and keys" wide onClose={close}>
      <p>Every line's time is split into Python (dark), native code that it called (middle) and system: kernel time and waiting (striped). Bars of one column share one scale, whose end stands in the header. Red marks the hottest line, what limits the program most, leaks and losses.</p>
      <div class="keys-grid">{help.map(({ place, keys }) => <section key={place}><h3>{place}</h3><dl>{keys.map(({ keys: k, what }) => <><dt key={k}>{k}</dt><dd key={what}>{what}</dd></>)}</dl></section>)}</div>
      <h3>About</h3>
      <p>Scalene in C++, Apache-2.0. This page contains Preact and @preact/signals (MIT). It makes no request{served.value ? ' to any machine but this one' : asks() ? ' but for a proposal' : ''}; dropping another profile on it opens that.</p>
    </Dialog>
  );
}

function Settings() {
  return (
    <Dialog title="Settings" onClose={close}>
      <div class="setting"><span>Theme</span><Segmented label="Theme" value={theme.value} onChange={(v) => { theme.value = v; }} choices={[['system', 'As the system'], ['light', 'Light'], ['dark', 'Dark']]} /></div>
      <label class="setting"><span>Single-letter keys</span><input type="checkbox" checked={letterKeys.value} onChange={(event) => { letterKeys.value = event.currentTarget.checked; }} /></label>
      <label class="setting"><span>Address of your editor<br /><Dim>{'{file} and {line} are filled in'}</Dim></span><input type="text" value={editor.value} spellcheck={false} onChange={(event) => { editor.value = event.currentTarget.value; }} /></label>
    </Dialog>
  );
}

function Warnings() {
  const p = profile.value!;
  const part = (title: string, list: string[]) => list.length > 0 && <><h3>{title}</h3><ul>{list.map((text, i) => <li key={i}>{text}</li>)}</ul></>;
  return (
    <Dialog title="What this profile does not know" onClose={close}>
      {part('Losses', p.losses)}{part('Warnings', p.warnings)}{part('Notes', p.notes)}
      {p.hiddenFiles.length > 0 && <><h3>Files below the thresholds</h3><ul>{p.hiddenFiles.slice(0, 40).map(([path, percent]) => <li key={path}>{path}: {percent.toFixed(2)} %</li>)}</ul></>}
      <h3>Run</h3><p>{[p.python && `Python ${p.python}`, p.host, p.started > 0 && new Date(p.started * 1000).toLocaleString(), `${p.processes.length || 1} process${p.processes.length > 1 ? 'es' : ''}`, `${p.threads.length || 1} thread${p.threads.length > 1 ? 's' : ''}`].filter(Boolean).join(' · ')}</p>
    </Dialog>
  );
}

interface Command { label: string; note: string; run(): void }

function Palette() {
  const p = profile.value!;
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const all = useMemo<Command[]>(() => [
    ...views.filter((name) => available.value.has(name)).map((name) => ({ label: name[0].toUpperCase() + name.slice(1), note: 'view', run: () => show(name) })),
    { label: 'Theme: next', note: 'command', run: nextTheme }, { label: 'Help and keys', note: 'command', run: () => { panel.value = 'help'; } }, { label: 'Settings', note: 'command', run: () => { panel.value = 'settings'; } },
    ...p.files.map((file) => ({ label: file.name, note: 'file', run: () => chooseFile(file.path) })),
    ...p.files.flatMap((file) => file.functions.name.map((name, row) => ({ label: name, note: `${file.name}:${file.functions.line[row]}`, run: () => goToLine(file.index, file.functions.line[row]) }))),
  ], [p]);
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter((c) => words.every((word) => c.label.toLowerCase().includes(word) || c.note.toLowerCase().includes(word))).slice(0, 50);
  const run = (command?: Command) => { close(); command?.run(); askFocus(); };
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(found.length - 1, at + 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(0, at - 1));
    else if (event.key === 'Enter') run(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Go to" onClose={close}>
      <input class="palette-input" autofocus placeholder="View, file, function or command" aria-label="Go to" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant={found.length ? `palette-${at}` : undefined}
        value={text} onInput={(event) => { setText(event.currentTarget.value); setAt(0); }} onKeyDown={keys} />
      <div class="palette-list" id="palette-list" role="listbox" aria-label="Results">
        {found.map((command, i) => <div key={i} id={`palette-${i}`} role="option" aria-selected={i === at} onClick={() => run(command)}><span class="clip">{command.label}</span><span class="dim clip">{command.note}</span></div>)}
      </div>
      {found.length === 0 && <p role="status">Nothing found.</p>}
    </Dialog>
  );
}

/** The exact prompt for a line or region, to be read, changed and copied. Nothing leaves the page. */
function Proposal() {
  const p = profile.value!, about = proposal.value!;
  const [what, setWhat] = useState(about.what);
  const [goal, setGoal] = useState<Goal>('speed');
  const [gpu, setGpu] = useState(false);
  const file = p.files[about.file];
  const bounds = regionOf(file, about.line, what);
  const written = useMemo(() => promptFor(p, file, bounds.start, bounds.end, goal, gpu), [what, goal, gpu]);
  const [text, setText] = useState(written);
  const [from, setFrom] = useState(written);
  if (from !== written) { setFrom(written); setText(written); }
  return (
    <Dialog title={`Proposal for ${file.name}:${bounds.start}${bounds.end > bounds.start ? `–${bounds.end}` : ''}`} wide onClose={close}>
      <p>This is the whole prompt. Nothing leaves this page: copy it into the assistant of your choice.</p>
      <div class="dialog-row">
        <Segmented label="Goal" value={goal} onChange={(v) => setGoal(v)} choices={[['speed', 'Speed'], ['memory', 'Memory']]} />
        <Segmented label="Region" value={what} onChange={(v) => setWhat(v)} choices={[['line', 'Line'], ['loop', 'Loop'], ['function', 'Function']]} />
        <label class="dialog-row"><input type="checkbox" checked={gpu} onChange={(event) => setGpu(event.currentTarget.checked)} /> a GPU may be used</label>
        <span class="grow" /><Dim>about {Math.ceil(text.length / 4)} tokens</Dim>
      </div>
      <textarea class="prompt" aria-label="Prompt" spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />
      <div class="dialog-row"><button class="button primary" onClick={() => copy(text, 'the prompt')}>Copy prompt</button></div>
    </Dialog>
  );
}
