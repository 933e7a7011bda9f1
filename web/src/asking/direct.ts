// Asking without a process: a written page speaks to the addresses that it was allowed (`scalene view --html --ai-origin`),
// and its policy allows no other. A typed key is held in memory and goes to its address alone.
import { proposed, unifiedDiff } from '../model/proposed';
import type { Backend, Heard, Proposal, Question, Service } from './backend';
import { modelNames, pieces, protocols, refusal, type Protocol } from './protocols';

const keys = new Map<string, string>(); // by address, as long as the page is open

const protocolOf = (url: URL): Protocol => protocols.find((each) => each.fits(url))!;

function serviceOf(address: string): Service {
  const url = new URL(address), protocol = protocolOf(url);
  return { id: address, name: protocol.name || url.host, host: url.host, ready: protocol.key !== 'needed' || keys.has(address), lists: true, key: protocol.key === 'none' ? '' : 'key', address: '' };
}

async function call(service: Service, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const url = new URL(service.id), protocol = protocolOf(url), key = keys.get(service.id) ?? '';
  const fail = (sentence: string): never => { throw new Error(`${service.host}: ${key ? sentence.replaceAll(key, '…') : sentence}.`); };
  let answer: Response;
  try {
    answer = await fetch(protocol.base(url) + path, {
      method: body ? 'POST' : 'GET', headers: { ...protocol.headers(key), ...(body ? { 'content-type': 'application/json' } : {}) }, body: body ? JSON.stringify(body) : undefined,
      signal, redirect: 'error', credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store',
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    return fail('it cannot be reached, or lets no page ask it (CORS); `scalene view` asks without the browser');
  }
  return answer.ok ? answer : fail(refusal(answer.status, await answer.text()));
}

function proposalOf({ source, fileName, start, end }: Question, answer: string, cut: boolean): Proposal {
  const file = [...source, '']; // a page does not know whether the last line has its newline; almost all have
  try {
    return { id: 0, diff: unifiedDiff(file, proposed(file, { start, end }, answer, fileName), fileName), problem: '' };
  } catch (error) { return { id: 0, diff: '', problem: (error as Error).message + (cut ? '; the answer was cut off' : '') }; }
}

export const direct = (addresses: string[]): Backend => ({
  async services() {
    if (!addresses.length) throw new Error('The scalene process has ended; the prompt can be copied.');
    return { services: addresses.map(serviceOf), chosen: addresses[0], model: '', check: '' };
  },

  models: async (service) => modelNames(await (await call(service, protocolOf(new URL(service.id)).models)).json()),

  async key(service, key) {
    if (/[^!-~]/.test(key)) throw new Error('That cannot be a key: it holds blanks, or letters that no key has.');
    keys.set(service.id, key);
    return { ready: true, problem: '' };
  },

  async *ask(question, signal): AsyncGenerator<Heard> {
    const { service, model, prompt } = question, protocol = protocolOf(new URL(service.id));
    const answer = await call(service, protocol.path(model), protocol.body(model, prompt), signal);
    let text = '', cut = false;
    try {
      for await (const piece of pieces(protocol, answer.body!)) {
        cut ||= !!piece.cut;
        if (!piece.text) continue;
        text += piece.text;
        yield { text: piece.text };
      }
    } catch (error) {
      if (signal.aborted) throw error;
      const key = keys.get(service.id);
      yield { error: `${service.host}: ${key ? (error as Error).message.replaceAll(key, '…') : (error as Error).message}.` };
      return;
    }
    yield text ? proposalOf(question, text, cut) : { error: `${service.host}: its answer is empty.` };
  },
});
