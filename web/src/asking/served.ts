// Asking by way of the `scalene` process that serves the page, which alone has the keys (docs/payload.md lists the routes).
import type { Applied, Backend, Checked, Heard, Proposal, Services } from './backend';

async function call(token: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const answer = await fetch(`/api/ai${path}`, { method: body === undefined ? 'GET' : 'POST', headers: { 'X-Scalene-Token': token }, body: body === undefined ? undefined : JSON.stringify(body), signal });
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

export const served = (token: string): Backend => ({
  async services() {
    const known = await (await call(token, '')).json();
    return { services: known.providers, chosen: known.chosen, model: known.model, check: known.check } satisfies Services;
  },

  async models(service, anew) {
    let names: string[] = [];
    for await (const event of events(await call(token, '/models', { provider: service.id, anew }))) {
      if (event.error) throw new Error(event.error as string);
      names = event.models as string[];
    }
    return names;
  },

  key: async (service, key, remember) => (await call(token, '/key', { provider: service.id, key, remember })).json(),

  async *ask({ service, model, prompt, file, start, end }, signal): AsyncGenerator<Heard> {
    for await (const event of events(await call(token, '/ask', { provider: service.id, model, prompt, file, start, end }, signal))) {
      if (event.text || event.error) yield event as Heard;
      else yield { id: (event.proposal as number) ?? 0, diff: (event.diff as string) ?? '', problem: (event.problem as string) ?? '' };
    }
  },

  async *check(proposal, signal): AsyncGenerator<Checked> {
    for await (const event of events(await call(token, '/check', { proposal: proposal.id }, signal))) yield event as Checked;
  },

  apply: async (proposal: Proposal): Promise<Applied> => (await call(token, '/apply', { proposal: proposal.id })).json(),
});
