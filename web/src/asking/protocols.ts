// How a page talks to a service by itself: one row each, the OpenAI-compatible one for every server that has no own.

/** What one event adds to an answer. */
export interface Piece { text?: string; error?: string; done?: boolean; cut?: boolean }

export interface Protocol {
  name: string; // '' : the server's own name is all there is
  /** Whether the address is one of that service. */
  fits(url: URL): boolean;
  /** What the paths below are added to. */
  base(url: URL): string;
  path(model: string): string;
  models: string;
  key: 'needed' | 'possible' | 'none';
  headers(key: string): Record<string, string>;
  body(model: string, prompt: string): unknown;
  lines: boolean; // one JSON text a line, no server-sent events
  read(event: any): Piece; // eslint-disable-line
}

const mostTokens = 8192; // of an answer: several times the longest function worth changing
const messages = (content: string) => [{ role: 'user', content }];
const here = ({ href }: URL) => href.replace(/\/+$/, '');
const joined = (parts?: { text?: string; thought?: boolean }[]) => (parts ?? []).map((part) => (part.thought ? '' : part.text ?? '')).join('');

export const protocols: Protocol[] = [
  {
    name: 'Anthropic', fits: ({ hostname }) => hostname === 'api.anthropic.com', base: ({ origin }) => origin, path: () => '/v1/messages', models: '/v1/models?limit=1000', key: 'needed',
    headers: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01', 'anthropic-dangerous-direct-browser-access': 'true' }),
    body: (model, prompt) => ({ model, max_tokens: mostTokens, messages: messages(prompt), stream: true }), lines: false,
    read: ({ type, delta, error }) => ({ text: type === 'content_block_delta' ? delta.text : '', error: error?.message, done: type === 'message_stop', cut: delta?.stop_reason === 'max_tokens' }),
  },
  {
    name: 'Google Gemini', fits: ({ hostname, pathname }) => hostname === 'generativelanguage.googleapis.com' && !pathname.endsWith('/openai'), base: ({ origin }) => origin,
    path: (model) => `/v1beta/models/${encodeURIComponent(model)}:streamGenerateContent?alt=sse`, models: '/v1beta/models?pageSize=1000', key: 'needed', headers: (key) => ({ 'x-goog-api-key': key }),
    body: (_, text) => ({ contents: [{ role: 'user', parts: [{ text }] }], generationConfig: { maxOutputTokens: mostTokens } }), lines: false,
    read: ({ candidates: [one] = [], promptFeedback, error }) => ({
      text: joined(one?.content?.parts), done: !!one?.finishReason, cut: one?.finishReason === 'MAX_TOKENS',
      error: error?.message ?? (promptFeedback?.blockReason ? `the prompt was refused: ${promptFeedback.blockReason}` : one?.finishReason && !/^(STOP|MAX_TOKENS)$/.test(one.finishReason) ? `the answer was stopped: ${one.finishReason}` : ''),
    }),
  },
  {
    name: 'Ollama', fits: ({ port, pathname }) => port === '11434' && pathname === '/', base: here, path: () => '/api/chat', models: '/api/tags', key: 'none', headers: () => ({}),
    body: (model, prompt) => ({ model, messages: messages(prompt), stream: true }), lines: true,
    read: ({ message, error, done, done_reason }) => ({ text: message?.content, error, done, cut: done_reason === 'length' }),
  },
  {
    name: '', fits: () => true, base: here, path: () => '/chat/completions', models: '/models', key: 'possible', headers: (key): Record<string, string> => (key ? { authorization: `Bearer ${key}` } : {}),
    body: (model, prompt) => ({ model, messages: messages(prompt), stream: true }), lines: false,
    read: ({ 'choices': [one] = [], error }) => ({ text: one?.delta?.content ?? '', error: error?.message, done: !!one?.finish_reason, cut: one?.finish_reason === 'length' }),
  },
];

/** The names in a list of models, whatever the service. */
export function modelNames(answer: any): string[] { // eslint-disable-line
  const names = [...(answer?.data ?? []), ...(answer?.models ?? [])].map((each) => String(each.id ?? each.name ?? '').replace(/^models\//, ''));
  return names.filter(Boolean).sort();
}

/** The sentence in an answer that is an error; '' when there is none. */
export function errorSentence(text: string): string {
  try {
    const answer = JSON.parse(text);
    const found = [answer.error?.message, answer[0]?.error?.message, answer.error, answer.message].find((each) => typeof each === 'string');
    return (found ?? '').replace(/\s+/g, ' ').slice(0, 300);
  } catch { return ''; }
}

const meanings: Record<number, string> = { 400: 'it does not understand the request', 401: 'the key is missing or not accepted', 403: 'the key does not allow this', 404: 'there is no such model or address', 413: 'the prompt is too long', 429: 'too many requests, or nothing left to spend' };

export const refusal = (status: number, text: string) => {
  const said = errorSentence(text);
  return `it answers ${status}: ${meanings[status] ?? (status >= 500 ? 'it is in trouble' : 'it refuses')}${said && `. It says: ${said}`}`;
};

/** Reads an answer as it arrives; throws a sentence when it is none, or not whole. */
export async function* pieces(protocol: Protocol, body: ReadableStream<Uint8Array>): AsyncGenerator<Piece> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>).getReader();
  let rest = '', whole = false, ended = false;
  const take = (line: string): Piece | null => {
    if (!protocol.lines && !line.startsWith('data:')) return null;
    const json = (protocol.lines ? line : line.slice(5)).trim();
    if (!json) return null;
    if (json === '[DONE]') { whole = ended = true; return null; }
    const piece = protocol.read(JSON.parse(json));
    if (piece.error) throw new Error(piece.error);
    whole ||= !!piece.done;
    return piece;
  };
  try {
    while (!ended) {
      const { value, done } = await reader.read();
      const lines = (rest + (value ?? '')).split('\n');
      rest = done ? '' : lines.pop()!;
      for (const line of lines) {
        let piece: Piece | null = null;
        try { piece = take(line); } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
          throw new Error(done ? 'its answer broke off' : 'its answer is no valid JSON');
        }
        if (piece) yield piece;
      }
      if (done) break;
    }
  } finally { reader.cancel().catch(() => {}); }
  if (!whole) throw new Error('its answer broke off');
}
