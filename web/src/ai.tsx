// The drawer for proposals: a script of its own. A served page fetches it when it is first opened; a written page holds it
// only if it was allowed to ask (--ai-origin). What leaves the machine is the text in the box, after Send.
import { render } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { promptFor, type Goal } from './model/prompt';
import { codeAfter } from './model/proposed-code';
import type { Profile } from './model/profile';
import { IconButton, Segmented } from './parts/controls';
import { Icon } from './parts/icon';
import { Dim } from './parts/tags';
import { regionOf, type RegionKind } from './model/region';
import type { Applied, Backend, Proposal, Service, Services } from './asking/backend';
import { direct } from './asking/direct';
import { served } from './asking/served';
import './ai.css';

/** What the page gives; the drawer has no state of the page's. */
export interface DrawerRequest {
  p: Profile;
  file: number;
  line: number;
  what: RegionKind;
  token?: string; // of the process that serves the page
  copy(text: string, what: string): void;
}

interface Answer {
  where: string; by: string; text: string; error: string; sec: number;
  proposal: Proposal | null; code: string; applied: Applied | null;
  checks: { check: string; ok: boolean }[]; output: string; // of the last check
}

const quiet: Answer = { where: '', by: '', text: '', error: '', sec: 0, proposal: null, code: '', applied: null, checks: [], output: '' };
const sentence = (error: unknown) => (error as Error)?.message || 'The scalene process does not answer.';

// As long as the page is open: what was answered, and the names of each service's models.
let answers: Answer[] = [];
const models = new Map<string, string[]>();
let chosen = '', lastModel = '';

function Drawer({ request, close, backend }: { request: DrawerRequest; close(): void; backend: Backend }) {
  const { p } = request;
  const file = p.files[request.file];
  const [what, setWhat] = useState(request.what);
  const [goal, setGoal] = useState<Goal>('speed');
  const [gpu, setGpu] = useState(false);
  const bounds = useMemo(() => regionOf(file, request.line, what), [what]);
  const written = useMemo(() => promptFor(p, file, bounds.start, bounds.end, goal, gpu), [bounds, goal, gpu]);
  const [text, setText] = useState(written);
  useEffect(() => setText(written), [written]);

  const [services, setServices] = useState<Services | null>(null);
  const [provider, setProvider] = useState('');
  const [model, setModel] = useState(lastModel);
  const [names, setNames] = useState<string[]>([]);
  const [note, setNote] = useState('');
  const [otherKey, setOtherKey] = useState(false);
  const service = services?.services.find((each) => each.id === provider);

  const [now, setNow] = useState<Answer>(quiet);
  const [asking, setAsking] = useState<AbortController | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const current = useRef<AbortController | null>(null);
  const keepFocus = () => box.current?.focus(); // the button that had it is about to go

  const choose = (id: string) => { setProvider((chosen = id)); setNames(models.get(id) ?? []); setNote(''); setOtherKey(false); };
  const type = (name: string) => setModel((lastModel = name));

  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    box.current!.focus();
    backend.services().then((known) => {
      setServices(known);
      choose(chosen || known.chosen || known.services[0].id);
      if (!lastModel) type(known.model);
    }).catch((error) => setNote(sentence(error)));
    const escape = (event: KeyboardEvent) => { if (event.key === 'Escape') { event.stopPropagation(); close(); } };
    addEventListener('keydown', escape, true);
    return () => {
      removeEventListener('keydown', escape, true);
      current.current?.abort();
      // The row that asked may have been drawn anew meanwhile.
      const back = before && before !== document.body && before.isConnected ? before : document.querySelector<HTMLElement>('main [data-row][tabindex="0"]');
      back?.focus();
    };
  }, []);

  const list = async (anew: boolean) => {
    if (!service?.lists || !service.ready || (!anew && models.has(service.id))) return;
    setNote('Asking for its models …');
    try {
      models.set(service.id, await backend.models(service, anew));
      setNames(models.get(service.id)!);
      setNote('');
    } catch (error) { setNote(sentence(error)); }
  };

  const ready = (change: Partial<Service>) => setServices((known) => ({ ...known!, services: known!.services.map((each) => (each.id === provider ? { ...each, ...change } : each)) }));

  const send = async () => {
    const control = new AbortController(), source = file.source() ?? [];
    const began = Date.now();
    let said: Answer = { ...quiet, where: `${file.name}:${bounds.start}${bounds.end > bounds.start ? `–${bounds.end}` : ''}`, by: model };
    const show = (change: Partial<Answer>) => setNow((said = { ...said, ...change, sec: (Date.now() - began) / 1000 }));
    setAsking((current.current = control));
    keepFocus();
    show({});
    try {
      for await (const heard of backend.ask({ service: service!, model, prompt: text, source, fileName: file.name, ...bounds }, control.signal)) {
        if ('text' in heard) show({ text: said.text + heard.text });
        else if ('error' in heard) show({ error: heard.error });
        else show({ proposal: heard, code: heard.diff && codeAfter(heard.diff, source, bounds.start, bounds.end) });
      }
    } catch (error) { show({ error: control.signal.aborted ? 'Stopped.' : sentence(error) }); }
    answers = [...answers, said];
    setAsking(null);
  };

  /** Of the answer that is shown. */
  const change = (from: Answer, more: Partial<Answer>) => {
    const changed = { ...from, ...more };
    answers = answers.map((each) => (each === from ? changed : each));
    setNow(changed);
    return changed;
  };

  const apply = async () => {
    keepFocus();
    try { change(now, { applied: await backend.apply!(now.proposal!), error: '', checks: [], output: '' }); } catch (error) { change(now, { error: sentence(error) }); }
  };

  const check = async () => {
    const control = new AbortController();
    let said = change(now, { checks: [], output: '', error: '' });
    setAsking((current.current = control));
    keepFocus();
    try {
      for await (const heard of backend.check!(now.proposal!, control.signal)) {
        said = change(said, 'output' in heard ? { output: said.output + heard.output } : { checks: [...said.checks, heard] });
      }
    } catch (error) { change(said, { error: control.signal.aborted ? 'Stopped.' : sentence(error) }); }
    setAsking(null);
  };

  const { proposal, applied, checks, output } = now;
  const busy = asking !== null, started = busy || now !== quiet, past = busy ? [] : answers.filter((each) => each !== now);
  const broken = checks.some(({ ok }) => !ok), tests = services?.check;
  const keys = (event: KeyboardEvent) => event.stopPropagation(); // the page's own keys mean lines and views
  return (
    <div class="ai" role="dialog" aria-label="Proposal" tabIndex={-1} ref={box} onKeyDown={keys}>
      <div class="ai-head">
        <h2><Icon name="proposal" />Proposal</h2>
        <span class="dim mono clip">{file.name}:{bounds.start}{bounds.end > bounds.start && `–${bounds.end}`}</span>
        <IconButton icon="close" label="Close" onClick={close} />
      </div>
      <div class="ai-body" tabIndex={0} role="region" aria-label="Prompt and answer">
        <div class="ai-row">
          <Segmented label="Goal" value={goal} onChange={(v) => setGoal(v)} choices={[['speed', 'Speed'], ['memory', 'Memory']]} />
          <Segmented label="Region" value={what} onChange={(v) => setWhat(v)} choices={[['line', 'Line'], ['loop', 'Loop'], ['function', 'Function']]} />
          <label><input type="checkbox" checked={gpu} onChange={(event) => setGpu(event.currentTarget.checked)} />a GPU may be used</label>
        </div>
        <div class="ai-row">
          <label>Service <select value={provider} onChange={(event) => choose(event.currentTarget.value)}>
            {services?.services.map((each) => <option key={each.id} value={each.id}>{each.name}{each.ready ? '' : each.address ? ' (no address)' : ' (no key)'}</option>)}
          </select></label>
          <label>Model <input list="ai-models" value={model} spellcheck={false} placeholder="name" onFocus={() => list(false)} onInput={(event) => type(event.currentTarget.value)} /></label>
          <datalist id="ai-models">{names.map((name) => <option key={name} value={name} />)}</datalist>
        </div>
        <div class="ai-row ai-note">
          <p class="grow dim" role="status">{note || (names.length > 0 && `${names.length} models known; any other name may be typed.`)}</p>
          {service?.lists && service.ready && <button class="select" title="Ask the service for its models again" onClick={() => list(true)}>Refresh models</button>}
          {service?.ready && service.key && !otherKey && <button class="select" onClick={() => setOtherKey(true)}>Key…</button>}
        </div>
        {service?.address && <p class="ai-hint">The address of this service is not known: set <code>{service.address}</code> in the environment or in <code>~/.config/scalene/credentials</code>, and start <code>scalene view</code> again.</p>}
        {service?.key && (otherKey || !service.ready) && !service.address && <Key key={provider} service={service} backend={backend}
          done={(can, problem) => { ready({ ready: can }); setOtherKey(!!problem); if (!problem) keepFocus(); }} />}
        <div class={`ai-box${started ? ' sent' : ''}`}>
          <h3><span>What leaves this machine</span><Dim>about {Math.ceil(text.length / 4)} tokens</Dim></h3>
          <p>This text and nothing else{service?.host ? <>, to <b>{service.host}</b></> : null}, when you press Send. You can change it.</p>
          <textarea aria-label="Prompt" spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </div>
        {started && <h3 class="ai-heading"><span>Answer for {now.where}</span><Dim>{now.by}, {busy && !proposal ? 'arriving …' : `${now.sec.toFixed(1)} s`}</Dim></h3>}
        {now.text && <div class="ai-answer" aria-live="polite" aria-busy={busy}>{withoutBlocks(now.text, !!proposal?.diff)}</div>}
        {now.error && <p class="ai-error" role="alert">{now.error}</p>}
        {proposal?.problem && <p class="ai-error" role="alert">{proposal.problem}.</p>}
        {proposal?.diff && <>
          <div class="ai-row ai-copy">
            <span class="grow" />
            {now.code.trim() && <button class="button" onClick={() => request.copy(now.code, 'the new code')}><Icon name="copy" />Copy code</button>}
            <button class="button" onClick={() => request.copy(proposal.diff, 'the patch')}><Icon name="copy" />Copy patch</button>
          </div>
          <Diff text={proposal.diff} />
        </>}
        {output && <pre class="ai-output" tabIndex={0} aria-label="What the tests say">{output}</pre>}
        {checks.length > 0 && <div class="ai-checks" role="status">{checks.map(({ check: said, ok }) => <p key={said} class={ok ? '' : 'ai-error'}><Icon name={ok ? 'check' : 'warning'} />{said}.</p>)}</div>}
        {applied && <div class="ai-done" role="status">
          <p>Written. As it was: <code>{applied.backup}</code></p>
          {applied.commands.length > 0 && <><p>Measure it again, and compare:</p><pre>{applied.commands.join('\n')}</pre><button class="button" onClick={() => request.copy(applied.commands.join(' && '), 'the commands')}><Icon name="copy" />Copy the commands</button></>}
        </div>}
        {past.length > 0 && <div class="ai-past">
          <h3 class="ai-heading">{started ? 'Other answers' : 'Earlier answers'}</h3>
          {past.map((each, i) => <button key={i} onClick={() => { keepFocus(); setNow(each); }}><span class="clip mono">{each.where}</span><Dim>{each.by}, {each.applied ? 'applied' : each.proposal?.diff ? 'a diff' : 'no diff'}</Dim></button>)}
        </div>}
      </div>
      <div class="ai-foot">
        {busy ? <button class="button" onClick={() => asking.abort()}>Stop</button>
          : <button class={`button${proposal?.diff ? '' : ' primary'}`} disabled={!service?.ready || !model || !text} onClick={send}>{started ? 'Ask again' : 'Send'}</button>}
        {proposal?.diff && backend.apply && !applied && <button class="button primary" disabled={busy || !!proposal.problem || broken} onClick={apply}>Apply, keep a backup</button>}
        {proposal?.diff && backend.check && !busy && <button class="button" title={!tests ? 'Compile it with the Python of the profile' : applied ? `Compile it, and run: ${tests}` : `Compile it; once it is applied, also run: ${tests}`} onClick={check}>{applied && tests ? 'Check, run tests' : 'Check'}</button>}
        <span class="grow" />
        <button class="button" onClick={() => request.copy(text, 'the prompt')}><Icon name="copy" />Copy prompt</button>
      </div>
    </div>
  );
}

/** A key goes to the backend at once, and stays nowhere else. */
function Key({ service, backend, done }: { service: Service; backend: Backend; done(ready: boolean, problem: string): void }) {
  const field = useRef<HTMLInputElement>(null);
  const [remember, setRemember] = useState(false);
  const [has, setHas] = useState(false);
  const [error, setError] = useState('');
  const use = async () => {
    const key = field.current!.value;
    try {
      const { ready, problem } = await backend.key(service, key, remember);
      field.current!.value = '';
      setHas(false);
      setError(problem);
      done(ready, problem);
    } catch (failure) { setError(sentence(failure)); }
  };
  return (
    <div class="ai-key">
      <div class="ai-row">
        <label>Key <input type="password" ref={field} autocomplete="off" spellcheck={false} placeholder={service.key} onInput={(event) => setHas(event.currentTarget.value !== '')} onKeyDown={(event) => { if (event.key === 'Enter' && has) use(); }} /></label>
        <button class="button" disabled={!has} onClick={use}>Use it</button>
        {backend.apply && <label><input type="checkbox" checked={remember} onChange={(event) => setRemember(event.currentTarget.checked)} />remember it</label>}
      </div>
      <p>{backend.apply ? <>The <code>scalene</code> process keeps it in memory until it ends{remember && <>, and writes it into <code>~/.config/scalene/credentials</code>, for you alone</>}.</> : <>This page keeps it in memory until it is closed, and sends it to {service.host} alone.</>}</p>
      {error && <p class="ai-error" role="alert">{error}</p>}
    </div>
  );
}

/** The answer's words; its blocks of code are shown as the diff that they amount to, once there is one. */
const withoutBlocks = (text: string, has: boolean) => (has ? text.replace(/```[^\n]*\n[\s\S]*?```/g, '').replace(/\n{3,}/g, '\n\n').trim() : text);

const kinds: Record<string, string> = { '+': 'plus', '-': 'minus', '@': 'at' };
const Diff = ({ text }: { text: string }) => (
  <pre class="ai-diff" tabIndex={0} aria-label="The proposal as a diff">
    {text.replace(/\n$/, '').split('\n').slice(2).map((line, i) => <code key={i} class={kinds[line[0]]}>{line || ' '}</code>)}
  </pre>
);

/** Of a written page: what it may ask. */
const addresses = (document.documentElement.dataset.aiOrigins ?? '').split(' ').filter(Boolean);

let root: HTMLElement | null = null;
(window as unknown as { scaleneDrawer(request: DrawerRequest): void }).scaleneDrawer = (request) => {
  if (!root) {
    root = document.createElement('div');
    document.body.append(root);
  }
  const close = () => render(null, root!);
  close();
  render(<Drawer request={request} close={close} backend={request.token ? served(request.token) : direct(addresses)} />, root);
};
