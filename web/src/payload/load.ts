// Where a profile comes from: the page itself, the process that serves it, or a file that was dropped on the page.
import type { Profile } from '../model/profile';
import { decodePayload, PayloadError } from './decode';
import { later } from '../later-parts';

export { PayloadError };

const needs = 'This browser cannot unpack the profile: it lacks DecompressionStream. Chrome 103, Firefox 113, Safari 16.4 and later can; '
  + 'or run `scalene view --cli` on the profile.';

async function inflate(bytes: Uint8Array, format: 'deflate-raw' | 'gzip'): Promise<Uint8Array> {
  if (typeof DecompressionStream !== 'function') throw new PayloadError(needs);
  try {
    const { writable, readable } = new DecompressionStream(format as CompressionFormat);
    const writer = writable.getWriter();
    void writer.write(bytes as BufferSource).then(() => writer.close()).catch(() => {}); // the reader gets the same error
    return new Uint8Array(await new Response(readable).arrayBuffer());
  } catch {
    throw new PayloadError('The profile in this file is damaged: it is cut off or was altered.');
  }
}

function fromBase64(text: string): Uint8Array {
  const convert = Uint8Array as unknown as { fromBase64?(text: string): Uint8Array };
  try {
    if (convert.fromBase64) return convert.fromBase64(text);
    const binary = atob(text.replace(/\s+/g, ''));
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
  } catch {
    throw new PayloadError('The profile in this page is damaged: it is cut off or was altered.');
  }
}

export async function loadEmbedded(): Promise<Profile> {
  const element = document.getElementById('p');
  const text = element?.textContent?.trim() ?? '';
  if (!text) throw new PayloadError('This page holds no profile. Drop one here, or choose Open.');
  const bytes = fromBase64(text);
  element!.textContent = ''; // the text is no longer needed, and it is the largest thing in memory
  return decodePayload(await inflate(bytes, 'deflate-raw'));
}

export async function loadServed(token: string): Promise<{ profile: Profile; edition: string }> {
  const answer = await fetch('/api/profile', { headers: { 'X-Scalene-Token': token } });
  if (!answer.ok) throw new PayloadError(answer.status === 401 || answer.status === 403
    ? 'This address lacks its access key. Please open the address that `scalene view` printed.' : await answer.text());
  return { profile: decodePayload(new Uint8Array(await answer.arrayBuffer())), edition: answer.headers.get('ETag') ?? '' };
}

const limit = 500 * 1024 * 1024; // V8 holds no longer text

/** Any file: our payload, one of our pages, a profile file (ours or the reference's), or .gz of them. */
export async function loadFile(file: File): Promise<Profile> {
  return decodeAny(new Uint8Array(await file.arrayBuffer()), file.name);
}

export async function decodeAny(bytes: Uint8Array, name: string): Promise<Profile> {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return decodeAny(await inflate(bytes, 'gzip'), name.replace(/\.gz$/, ''));
  if (bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd)
    throw new PayloadError('This is a capture. Browsers cannot unpack it; `scalene view` can.');
  if (String.fromCharCode(...bytes.subarray(0, 4)) === 'SCLP') return decodePayload(bytes);
  if (bytes.length > limit) throw new PayloadError('This profile is too large for a browser. `scalene view` opens it.');
  const text = new TextDecoder().decode(bytes);
  const page = /<scrip[t][^>]*\bid="?p"?[^>]*>([A-Za-z0-9+/=\s]+)<\/scrip[t]>/.exec(text.length > 1000 && /^\s*<(!doctype|html)/i.test(text) ? text : '');
  if (page) return decodePayload(await inflate(fromBase64(page[1]), 'deflate-raw'));
  try {
    return later.decodeReference(JSON.parse(text));
  } catch (error) {
    if (error instanceof PayloadError) throw error;
    throw new PayloadError(`${name} is no profile: ${text.trim() ? 'it is no JSON, or it is cut off' : 'it is empty'}.`);
  }
}
