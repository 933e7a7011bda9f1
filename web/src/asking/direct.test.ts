import { afterEach, expect, it, vi } from 'vitest';
import type { Heard, Question, Service } from './backend';
import { direct } from './direct';
import { modelNames, protocols } from './protocols';

const key = 'sk-marker-of-a-secret-key';
const sse = (...events: unknown[]) => events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
const answer = 'naïve:\n```diff\n@@ -1 +1 @@\n-import os\n+import re\n```\n';
const [first, second] = [answer.slice(0, 9), answer.slice(9)];

/** How each service answers, and what it wants to be asked. */
const services: Record<string, { address: string; url: string; header?: [string, string]; said: string; prompt(body: any): string }> = {
  compatible: {
    address: 'https://gpu.example:8443/v1', url: 'https://gpu.example:8443/v1/chat/completions', header: ['authorization', `Bearer ${key}`], prompt: (body) => body.messages[0].content,
    said: sse({ choices: [{ delta: { role: 'assistant', content: null } }] }, { choices: [{ delta: { content: first } }] }, { choices: [{ delta: { content: second } }] }, { choices: [{ delta: {}, finish_reason: 'stop' }] }, { choices: [], usage: {} }, '[DONE]'),
  },
  anthropic: {
    address: 'https://api.anthropic.com', url: 'https://api.anthropic.com/v1/messages', header: ['x-api-key', key], prompt: (body) => body.messages[0].content,
    said: sse({ type: 'message_start', message: {} }, { type: 'ping' }, { type: 'content_block_delta', delta: { text: first } }, { type: 'content_block_delta', delta: { text: second } }, { type: 'message_delta', delta: { stop_reason: 'end_turn' } }, { type: 'message_stop' }),
  },
  gemini: {
    address: 'https://generativelanguage.googleapis.com/v1beta', url: 'https://generativelanguage.googleapis.com/v1beta/models/maker.m-1%3A0:streamGenerateContent?alt=sse', header: ['x-goog-api-key', key], prompt: (body) => body.contents[0].parts[0].text,
    said: sse({ candidates: [{ content: { parts: [{ text: 'thinking', thought: true }, { text: first }] } }] }, { candidates: [{ content: { parts: [{ text: second }] }, finishReason: 'STOP' }] }),
  },
  ollama: {
    address: 'http://localhost:11434', url: 'http://localhost:11434/api/chat', prompt: (body) => body.messages[0].content,
    said: [{ message: { content: first }, done: false }, { message: { content: second }, done: false }, { message: { content: '' }, done: true }].map((line) => JSON.stringify(line) + '\n').join(''),
  },
};

const asked = vi.fn<(url: string, options: RequestInit) => void>();
afterEach(() => { vi.unstubAllGlobals(); asked.mockReset(); });

/** Every request is answered so, in chunks of that many bytes. */
function answered(text: string, { chunk = 1e9, status = 200 } = {}) {
  const bytes = new TextEncoder().encode(text);
  vi.stubGlobal('fetch', async (url: string, options: RequestInit) => {
    asked(url, options);
    return new Response(new ReadableStream({ start(stream) { for (let at = 0; at < bytes.length; at += chunk) stream.enqueue(bytes.slice(at, at + chunk)); stream.close(); } }), { status });
  });
}

async function ask(address: string): Promise<Heard[]> {
  const backend = direct([address]), { services: [service] } = await backend.services();
  if (service.key) await backend.key(service, key, false);
  const question: Question = { service, model: 'maker.m-1:0', prompt: 'Make it faster.', file: 0, start: 1, end: 1, source: ['import os'], fileName: 'app.py' };
  const heard: Heard[] = [];
  for await (const each of backend.ask(question, new AbortController().signal)) heard.push(each);
  return heard;
}

for (const [name, { address, url, header, said, prompt }] of Object.entries(services)) {
  it(`${name} is asked in its own words, and its answer becomes a diff wherever it is cut`, async () => {
    for (const chunk of [1, 2, 7, 1e9]) {
      answered(said, { chunk });
      const heard = await ask(address);
      expect(heard.map((each) => ('text' in each ? each.text : '')).join('')).toBe(answer);
      expect(heard.at(-1)).toEqual({ id: 0, diff: '--- a/app.py\n+++ b/app.py\n@@ -1 +1 @@\n-import os\n+import re\n', problem: '' });
    }
    const [to, options] = asked.mock.calls[0];
    expect(to).toBe(url);
    expect(prompt(JSON.parse(options.body as string))).toBe('Make it faster.');
    expect(new Headers(options.headers).get(header?.[0] ?? 'authorization')).toBe(header?.[1] ?? null);
    expect(to + options.body).not.toContain(key);
    expect([options.redirect, options.credentials]).toEqual(['error', 'omit']);
  });

  it(`an answer of ${name} that breaks off is no proposal`, async () => {
    for (const part of [0, 0.3, 0.6]) {
      answered(said.slice(0, said.length * part));
      expect((await ask(address)).at(-1)).toEqual({ error: `${new URL(address).host}: its answer broke off.` });
    }
  });
}

it('a refusal is a sentence without the key', async () => {
  answered(JSON.stringify({ error: { message: `bad key ${key}` } }), { status: 401 });
  await expect(ask(services.compatible.address)).rejects.toThrow('gpu.example:8443: it answers 401: the key is missing or not accepted. It says: bad key ….');
});

it('an error in the middle of an answer is said', async () => {
  answered(sse({ choices: [{ delta: { content: 'x' } }] }, { error: { message: `too long, ${key}` } }));
  expect((await ask(services.compatible.address)).at(-1)).toEqual({ error: 'gpu.example:8443: too long, ….' });
});

it('what cannot be reached is said with a way out', async () => {
  vi.stubGlobal('fetch', async () => { throw new TypeError('Failed to fetch'); });
  await expect(ask(services.compatible.address)).rejects.toThrow('scalene view');
});

it('a service without an own protocol is spoken to as OpenAI is', () => {
  const named = (url: string) => protocols.find((each) => each.fits(new URL(url)))!.name;
  expect(['https://api.openai.com/v1', 'http://localhost:11434/v1', 'https://generativelanguage.googleapis.com/v1beta/openai', 'https://api.anthropic.com.evil.example'].map(named)).toEqual(['', '', '', '']);
});

it('a page that may ask nobody says so', () => expect(direct([]).services()).rejects.toThrow('The scalene process has ended'));

it('a key that is none is refused', () => expect(direct(['https://a.example']).key({ id: 'https://a.example' } as Service, 'two words', false)).rejects.toThrow('cannot be a key'));

it('names of models are read from every list', () => {
  expect(modelNames({ data: [{ id: 'b' }, { id: 'a' }] })).toEqual(['a', 'b']);
  expect(modelNames({ models: [{ name: 'models/gemini' }, { name: 'llama' }] })).toEqual(['gemini', 'llama']);
  expect(modelNames(null)).toEqual([]);
});
