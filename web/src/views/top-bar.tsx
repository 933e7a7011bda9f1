// Program, arguments and the facts of the run.
import { useState } from 'preact/hooks';
import { duration, size } from '../model/format';
import { IconButton } from '../parts/controls';
import { Icon, Logo } from '../parts/icon';
import { nextTheme, theme } from '../state/settings';
import { panel, profile } from '../state/store';

export function TopBar() {
  const p = profile.value!;
  const [open, setOpen] = useState(false);
  const args = p.args.slice(1).join(' ');
  const cautions = p.warnings.length + p.losses.length;
  const facts: [string, string][] = [['wall', duration(p.elapsed)]];
  const cpu = p.totals.python + p.totals.native + p.totals.kernel;
  if (cpu > 0) facts.push(['CPU', duration(cpu)]);
  if (p.totals.gpu > 0) facts.push([p.device || 'GPU', duration(p.totals.gpu)]);
  if (p.peak > 0) facts.push(['peak', size(p.peak)]);
  if (p.python) facts.push(['Python', p.python.replace(/^(\S+).*$/, '$1')]);
  if (p.interval > 0) facts.push(['sampling', duration(p.interval)]);
  facts.push(['mode', ['CPU', p.hasMemory && 'memory', p.hasGpu && 'GPU', p.hasAwait && 'async'].filter(Boolean).join(' · ')]);
  if (p.exit) facts.push(['exit', p.exit]);
  return (
    <header class="top">
      <Logo />
      <h1 title={p.program}>{p.name}</h1>
      <div class={`argv${open ? ' open' : ''}`}>
        {args && <>
          <span class="mono" title={open ? undefined : args}>{args}</span>
          {args.length > 50 && <button class="icon-button small" aria-expanded={open} aria-label="All arguments" onClick={() => setOpen(!open)}><Icon name={open ? 'up' : 'down'} /></button>}
        </>}
      </div>
      <dl class="facts">{facts.map(([name, text]) => <div key={name}><dt>{name}</dt><dd>{text}</dd></div>)}</dl>
      {p.running && <span class="pill live">running</span>}
      {cautions > 0 && <button class={`pill${p.losses.length ? ' hot' : ''}`} onClick={() => { panel.value = 'warnings'; }}><Icon name="warning" />{cautions} {cautions === 1 ? 'warning' : 'warnings'}</button>}
      <div class="tools">
        <IconButton icon="settings" label="Settings" onClick={() => { panel.value = 'settings'; }} />
        <IconButton icon="theme" label={`Theme: ${theme.value}`} onClick={nextTheme} />
        <IconButton icon="help" label="Help and keys" onClick={() => { panel.value = 'help'; }} />
      </div>
    </header>
  );
}
