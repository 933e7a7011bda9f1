// The drawer for proposals: a script of its own, fetched from the process that serves the page when it is first opened.
// What leaves the machine is the text in the box, after Send, through that process, which alone has the keys.
import { render } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { promptFor, type Goal } from './model/prompt';
import type { Profile } from './model/profile';
import { IconButton, Segmented } from './parts/controls';
import { Icon } from './parts/icon';
import { Dim } from './parts/tags';
import { regionOf, type RegionKind } from './model/region';
import './ai.css';

/** What the page gives; the drawer has no state of the page's. */
export interface DrawerRequest {
  p: Profile;
  file: number;
  line: number;
  what: RegionKind;
  token: string;
  copy(text: string, what: string): void;
}

interface Service { id: string; label: string; host: string; ready: boolean; lists: boolean }
interface Services { providers: Service[]; chosen: string; model: string }
interface Result { proposal: number; diff: string; problem: string }
interface Applied { backup: string; commands: string[] }
interface Asked { answer: string; result: Result | null; error: string; sec: number }

const quiet: Asked = { answer: '', result: null, error: '', sec: 0 };

async function call(token: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const answer = await fetch(path, { method: body === undefined ? 'GET' : 'POST', headers: { 'X-Scalene-Token': token }, body: body === undefined ? undefined : JSON.stringify(body), signal });
  if (!answer.ok) throw new Error((await answer.text()).trim());
  return answer;
}

/** One JSON text a line, as they come. */
async function* events(answer: Response): AsyncGenerator<Record<string, unknown>> {
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line) yield JSON.parse(line);
  }
}

const sentence = (error: unknown) => (error as Error)?.message || 'The scalene process does not answer.';
const models = new Map<string, string[]>(); // of each service, as long as the page is open

function Drawer({ request, close }: { request: DrawerRequest; close(): void }) {
  const { p, token } = request;
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
  const [model, setModel] = useState('');
  const [names, setNames] = useState<string[]>([]);
  const [note, setNote] = useState('');
  const service = services?.providers.find((each) => each.id === provider);

  const [past, setPast] = useState<Asked[]>([]); // earlier answers to this region
  const [now, setNow] = useState<Asked>(quiet);
  const [asking, setAsking] = useState<AbortController | null>(null);
  const [applied, setApplied] = useState<Applied | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const current = useRef<AbortController | null>(null);
  const keepFocus = () => box.current?.focus(); // the button that had it is about to go

  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    box.current!.focus();
    call(token, '/api/ai').then((answer) => answer.json()).then((known: Services) => {
      setServices(known);
      setProvider(known.chosen || known.providers[0].id);
      setModel(known.model);
    }).catch((error) => setNote(sentence(error)));
    const escape = (event: KeyboardEvent) => { if (event.key === 'Escape') { event.stopPropagation(); close(); } };
    addEventListener('keydown', escape, true);
    return () => { removeEventListener('keydown', escape, true); current.current?.abort(); before?.focus?.(); };
  }, []);

  const listModels = async () => {
    if (!service?.lists) return;
    const known = models.get(provider);
    if (known) { setNames(known); return; }
    setNote('Asking for its models …');
    try {
      for await (const event of events(await call(token, '/api/ai/models', { provider }))) {
        if (event.error) throw new Error(event.error as string);
        models.set(provider, event.models as string[]);
        setNames(event.models as string[]);
      }
      setNote('');
    } catch (error) { setNote(sentence(error)); }
  };

  const send = async () => {
    const control = new AbortController();
    const began = Date.now();
    let said: Asked = quiet;
    const show = (change: Partial<Asked>) => setNow((said = { ...said, ...change, sec: (Date.now() - began) / 1000 }));
    if (now.answer || now.error) setPast([...past, now]);
    setApplied(null);
    setAsking((current.current = control));
    keepFocus();
    show({});
    try {
      for await (const event of events(await call(token, '/api/ai/ask', { provider, model, prompt: text, file: request.file, start: bounds.start, end: bounds.end }, control.signal))) {
        if (event.text) show({ answer: said.answer + event.text });
        else if (event.error) show({ error: event.error as string });
        else show({ result: { proposal: (event.proposal as number) ?? 0, diff: (event.diff as string) ?? '', problem: (event.problem as string) ?? '' } });
      }
    } catch (error) { show({ error: control.signal.aborted ? 'Stopped.' : sentence(error) }); }
    setAsking(null);
  };

  const apply = async () => {
    keepFocus();
    try { setApplied(await (await call(token, '/api/ai/apply', { proposal: now.result!.proposal })).json()); } catch (error) { setNow({ ...now, error: sentence(error) }); }
  };

  const busy = asking !== null, started = busy || now.answer !== '' || now.error !== '';
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
          <label>Service <select value={provider} onChange={(event) => { setProvider(event.currentTarget.value); setNames([]); setNote(''); }}>
            {services?.providers.map((each) => <option key={each.id} value={each.id}>{each['label']}{each.ready ? '' : ' (no key)'}</option>)}
          </select></label>
          <label>Model <input list="ai-models" value={model} spellcheck={false} placeholder="name" onFocus={listModels} onInput={(event) => setModel(event.currentTarget.value)} /></label>
          <datalist id="ai-models">{names.map((name) => <option key={name} value={name} />)}</datalist>
          <span class="dim" role="status">{note || (names.length > 0 && `${names.length} models`)}</span>
        </div>
        <div class={`ai-box${started ? ' sent' : ''}`}>
          <h3><span>What leaves this machine</span><Dim>about {Math.ceil(text.length / 4)} tokens</Dim></h3>
          <p>This text and nothing else{service?.host ? <>, to <b>{service.host}</b></> : null}, when you press Send. You can change it.</p>
          <textarea aria-label="Prompt" spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </div>
        {service && !service.ready && <p class="ai-done">No key of this service was found. Set it in the environment, or in <code>~/.config/scalene/credentials</code>, and start <code>scalene view</code> again; or copy the prompt into the assistant of your choice.</p>}
        {started && <h3 class="ai-heading"><span>Answer{past.length > 0 && ` ${past.length + 1}`}</span><Dim>{busy ? 'arriving …' : `${now.sec.toFixed(1)} s`}</Dim></h3>}
        {now.answer && <div class="ai-answer" aria-live="polite" aria-busy={busy}>{withoutBlocks(now.answer, !!now.result?.diff)}</div>}
        {now.error && <p class="ai-error" role="alert">{now.error}</p>}
        {now.result?.problem && <p class="ai-error" role="alert">{now.result.problem}.</p>}
        {now.result?.diff && <Diff text={now.result.diff} />}
        {applied && <div class="ai-done" role="status">
          <p>Written. As it was: <code>{applied.backup}</code></p>
          {applied.commands.length > 0 && <><p>Measure it again, and compare:</p><pre>{applied.commands.join('\n')}</pre><button class="button" onClick={() => request.copy(applied.commands.join(' && '), 'the commands')}><Icon name="copy" />Copy the commands</button></>}
        </div>}
        {past.length > 0 && <details class="ai-done"><summary>{past.length} earlier {past.length > 1 ? 'answers' : 'answer'}</summary>{past.map((each, i) => <div key={i}><h3 class="ai-heading">Answer {i + 1}</h3><div class="ai-answer">{each.answer || each.error}</div></div>)}</details>}
      </div>
      <div class="ai-foot">
        {busy ? <button class="button" onClick={() => asking.abort()}>Stop</button>
          : <button class={`button${now.result?.diff ? '' : ' primary'}`} disabled={!service?.ready || !model || !text} onClick={send}>{started ? 'Ask again' : 'Send'}</button>}
        {now.result?.diff && !applied && <button class="button primary" disabled={!!now.result.problem} onClick={apply}>Apply, keep a backup</button>}
        {now.result?.diff && <button class="button" onClick={() => request.copy(now.result!.diff, 'the patch')}><Icon name="copy" />Copy patch</button>}
        <span class="grow" />
        <button class="button" onClick={() => request.copy(text, 'the prompt')}><Icon name="copy" />Copy prompt</button>
      </div>
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

let root: HTMLElement | null = null;
(window as unknown as { scaleneDrawer(request: DrawerRequest): void }).scaleneDrawer = (request) => {
  if (!root) {
    root = document.createElement('div');
    document.body.append(root);
  }
  const close = () => render(null, root!);
  close();
  render(<Drawer request={request} close={close} />, root);
};
