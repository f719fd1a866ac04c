import { createHash } from 'node:crypto';
import type { MemoryMapData } from './memory-map.js';
import { pageScript } from './page-script.js';
import { pageStyle } from './page-style.js';

/**
 * The memory map as one HTML page that needs nothing else: no network, no other file. Its own script and style are the
 * only ones its content security policy lets run; the text of the model is data, never markup.
 */
export function renderMemoryPage(data: MemoryMapData, title = 'Memory map'): string {
  const json = JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = `default-src 'none'; script-src ${hash(pageScript)}; style-src ${hash(pageStyle)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p id="summary"></p>
<form>
<label>Layer <select id="layer"></select></label>
<label>Head <select id="head"></select></label>
<label class="wide">After token <input id="time" type="range" min="0" step="1"> <output id="time-shown" for="time"></output></label>
</form>
<h2 id="text-title">Text, coloured by slot</h2>
<p class="hint">Point at a token for its score. In the text, the arrow keys move from token to token; underlined tokens opened a slot.</p>
<div id="text" role="listbox" aria-labelledby="text-title"></div>
<p id="token" role="status"></p>
<h2 id="timeline-title">Slots over time</h2>
<p class="hint">Each line is a slot boundary: it begins where its token is read and ends, with a dot, where the boundary is merged away.</p>
<svg id="timeline" role="img" aria-labelledby="timeline-title"></svg>
<h2>Slots</h2>
<table><thead><tr><th scope="col">Slot</th><th scope="col">Tokens</th><th scope="col">Count</th><th scope="col">Text</th></tr></thead><tbody id="slots"></tbody></table>
</main>
<script type="application/json" id="data">${json}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] as string);
}
