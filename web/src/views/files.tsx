// The list of files at the left: sorted by the current metric, filtered by what is typed into Find.
import { useState } from 'preact/hooks';
import { duration, full, size, shown } from '../model/format';
import { smallFiles } from '../model/line-rows';
import { maximumOf, sumOf, type FileData, type Profile } from '../model/profile';
import { Select, type Choice } from '../parts/controls';
import { Icon } from '../parts/icon';
import { Bar, FileName, Swatch } from '../parts/marks';
import { available, chooseFile, fileFilter, metric, panel, parsedQuery, profile, sortedFiles, threshold, showSmallFiles, view } from '../state/store';
import { Unseen } from '../parts/tags';

const most = 150; // of the others the foot says how many they are; Find shows them
const room = () => Math.ceil(innerHeight / 24); // more than fit; others are drawn when the list is scrolled

export function metricChoices(p: Profile): Choice<string>[] {
  const wanted = ['memory', 'memory.peak', 'copy', 'await', 'gpu'];
  return [['time', 'time'] as const, ...wanted.map((id) => p.metrics.find((m) => m.id === id && m.max > 0)).filter((m) => m !== undefined).map((m) => [m.id, m.label] as const)];
}

export function Files() {
  const p = profile.value!;
  const key = metric.value;
  const unit = key === 'time' ? 'percent' : p.metrics.find((m) => m.id === key)?.unit ?? 'percent';
  const sum = (file: FileData) => (p.metrics.find((m) => m.id === key)?.merge === 'maximum' ? maximumOf(file.lines, key) : sumOf(file.lines, key));
  const files = sortedFiles.value;
  const query = parsedQuery.value;
  const named = query ? files.filter((file) => query.test(file.name)) : [];
  const all = named.length ? named : key === 'time' ? files : files.filter((file) => sum(file) > 0), listed = all.slice(0, most);
  const hideable = key === 'time' ? smallFiles(files, threshold.value) : null;
  const small = (file: FileData) => hideable?.has(file) && file.path !== fileFilter.value;
  const visible = showSmallFiles.value || named.length ? listed : listed.filter((file) => !small(file));
  const [drawn, setDrawn] = useState(room);
  const hidden = all.length - visible.length;
  const total = (list: FileData[]) => list.reduce((so, file) => so + sum(file), 0);
  const hiddenSum = total(all) - total(visible);
  const end = files.reduce((most, file) => Math.max(most, sum(file)), 1e-12);
  const parts = key === 'time' ? [['time.python', 'cpu-python'], ['time.native', 'cpu-native'], ['time.system', 'cpu-system']] : [[key, p.metrics.find((m) => m.id === key)?.color ?? 'neutral']];
  return (
    <nav class="files" aria-label="Files">
      <div class="panel-head"><h2>Files</h2><Select label="" value={key} align="right" choices={metricChoices(p)} onChange={(v) => { metric.value = v; }} /></div>
      <ul class="file-list" onScroll={() => setDrawn(most)}>
        {fileFilter.value && <li><button class="file all" onClick={() => chooseFile('')}><span class="file-name">all files</span></button></li>}
        {visible.slice(0, drawn).map((file) => (
          <li key={file.index}>
            <button class={`file${file.path === fileFilter.value ? ' current' : ''}`} aria-current={file.path === fileFilter.value ? 'true' : undefined} title={file.path}
              onClick={() => chooseFile(file.path === fileFilter.value ? '' : file.path)}>
              <FileName name={file.name} />
              {file.leaks.length > 0 && <span class="file-mark hot" title={`${file.leaks.length} leak${file.leaks.length > 1 ? 's' : ''}`}><Icon name="leak" /><Unseen>leak</Unseen></span>}
              {maximumOf(file.lines, 'gpu') >= 1 && <span class="file-mark gpu" title="drives the GPU"><Icon name="gpu" /><Unseen>GPU</Unseen></span>}
              <span class="file-value">{unit === 'percent' ? shown(sum(file)) : unit === 'MiB' ? size(sum(file)) : full(sum(file), unit)}</span>
              <Bar size="thin" scale={end} segments={parts.map(([id, color]) => ({ color, value: id === key && key !== 'time' ? sum(file) : sumOf(file.lines, id) }))} />
            </button>
          </li>
        ))}
        {p.outside > 0 && key === 'time' && <li class="file-note">outside these files <span>{duration(p.outside)}</span></li>}
      </ul>
      {(hidden > 0 || p.hiddenCount > 0) && (
        <p class="file-foot">
          {hidden > 0 && <>{hidden} {hidden === 1 ? 'file' : 'files'} below {threshold.value} % hidden, {shown(hiddenSum)} % together · <button class="link" onClick={() => { showSmallFiles.value = true; }}>show</button></>}
          {hidden === 0 && p.hiddenCount > 0 && <><button class="link" onClick={() => { panel.value = 'warnings'; }}>{p.hiddenCount} files</button> below the thresholds of the run are not in this profile.</>}
        </p>
      )}
      {showSmallFiles.value && <p class="file-foot"><button class="link" onClick={() => { showSmallFiles.value = false; }}>hide files below {threshold.value} %</button></p>}
      <Legend p={p} />
    </nav>
  );
}

function Legend({ p }: { p: Profile }) {
  if (view.value === 'compare') return null;
  return (
    <div class="legend" aria-label="Legend" role="group">
      <h3>Time</h3>
      <p><Swatch color="cpu-python" />Python</p><p><Swatch color="cpu-native" />native</p><p><Swatch color="cpu-system" />system and waiting</p>
      {p.hasMemory && <><h3>Memory</h3><p><Swatch color="mem-python" />Python</p><p><Swatch color="mem-native" />native</p></>}
      {available.value.has('accelerators') && <p><Swatch color="gpu" />{p.device || 'GPU'}</p>}
    </div>
  );
}
