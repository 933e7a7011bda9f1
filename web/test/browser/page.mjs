// A standalone page as render/html writes it: policy with hashes, style, scripts, then the payload.
import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

const hash = (text) => createHash('sha256').update(text, 'utf8').digest('base64');

/** `payload`: bytes, or base64 text that is taken as it is. */
export function standalonePage({ script, later, style, payload }) {
  const data = typeof payload === 'string' ? payload : deflateRawSync(payload).toString('base64');
  return `<!doctype html>
<html lang="en" data-form="standalone">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-${hash(script)}' 'sha256-${hash(later)}'; style-src 'sha256-${hash(style)}'; img-src data:; connect-src 'none'; base-uri 'none'; form-action 'none'">
<title>Scalene</title>
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<script>${script}</script>
<script>${later}</script>
<script type="application/octet-stream" id="p">${data}</script>
</body>
</html>
`;
}
