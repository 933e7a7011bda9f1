// The Accelerators view: what the devices did, line by line. The columns are those of the profile; Neuron's appear with data.
import { full, size, shown } from '../model/format';
import { topLines, value } from '../model/profile';
import { Bar, FileName } from '../parts/marks';
import { Source } from '../parts/source';
import { goToLine, profile, scaleOf } from '../state/store';
import { Unseen } from '../parts/tags';

export function Accelerators() {
  const p = profile.value!;
  const metrics = p.metrics.filter((m) => /^(gpu|nrt|nc|neuron)/.test(m.id) && m.max > 0);
  const main = metrics.find((m) => m.id === 'gpu') ?? metrics[0];
  const top = main ? topLines(p, main.id, 40) : [];
  const device = p.device || 'GPU';
  return (
    <section class="view chart-view" aria-label="Accelerators">
      <div class="below">
        <div class="lead"><h2>{p.totals.gpu > 0 ? <>The {device} worked for <strong>{full(p.totals.gpu, 's')}</strong>, {shown((p.totals.gpu / (p.elapsed || 1)) * 100)} % of the run</> : <>{device} was found; <strong>no line drove it</strong></>}</h2></div>
      </div>
      {main && <div class="below">
        <div class="section-head">Lines that drive the {device} <span>by {main.label}</span></div>
        <table class="plain">
          <thead><tr>{metrics.map((m) => <th key={m.id} class="number" title={m.help}>{m.label}</th>)}<th><Unseen>bar</Unseen></th><th>line</th><th>source</th></tr></thead>
          <tbody>
            {top.map(({ file, line, row }) => (
              <tr key={`${file}:${line}`}>
                {metrics.map((m) => <td key={m.id} class="number">{m.unit === 'MiB' ? size(value(p.files[file].lines, m.id, row)) : full(value(p.files[file].lines, m.id, row), m.unit)}</td>)}
                <td class="bar-cell"><Bar segments={[{ color: 'gpu', value: value(p.files[file].lines, main.id, row) }]} scale={scaleOf(p, main.id)} /></td>
                <td><button onClick={() => goToLine(file, line)}><code><FileName name={p.files[file].name} line={line} /></code></button></td>
                <td class="wide"><Source file={p.files[file]} line={line} dedent={999} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>}
    </section>
  );
}
