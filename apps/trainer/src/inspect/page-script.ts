/** Script of the memory page: reads the data block, builds everything as text nodes. Plain browser JavaScript. */
export const pageScript = `'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const get = (id) => document.getElementById(id);
const layerChoice = get('layer'), headChoice = get('head'), time = get('time'), textBox = get('text');
const count = data.tokens.length;
const spans = [];
let focused = 0;
const fill = (select, length) => {
  const before = Math.min(Number(select.value) || 0, length - 1);
  select.replaceChildren(...Array.from({ length }, (_, index) => new Option(String(index), String(index))));
  select.value = String(Math.max(0, before));
};
const head = () => data.layers[Number(layerChoice.value)].heads[Number(headChoice.value)];
const alive = (p, t, h) => p === 0 || (h.opened[p] && p <= t && (h.death[p] < 0 || h.death[p] > t));
const startsAt = (h, t) => { const out = []; for (let p = 0; p <= t; p++) if (alive(p, t, h)) out.push(p); return out; };
const shown = (text) => text.replace(/[\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]/g, '\\u00b7');
const colour = (slot) => 'var(--slot-' + (slot % 8) + ')';
const describe = (index) => {
  const h = head(), death = h.death[index];
  const score = h.score[index];
  const opened = h.opened[index] ? 'opened a slot' + (death >= 0 ? ', merged away at token ' + death : ', still a boundary') : 'joined the open slot';
  get('token').textContent = 'Token ' + index + ' ' + JSON.stringify(data.tokens[index].text) + ': score ' + (typeof score === 'number' ? score.toFixed(3) : 'unknown') + ' (tau ' + data.tau + '), ' + opened + '.';
};
const svg = (name, attributes) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  return element;
};
const drawTimeline = (h) => {
  const root = get('timeline');
  root.setAttribute('viewBox', '0 0 ' + count + ' ' + count);
  root.setAttribute('preserveAspectRatio', 'none');
  let ended = '', living = '', dots = '';
  for (let p = 0; p < count; p++) {
    if (p !== 0 && !h.opened[p]) continue;
    const death = h.death[p];
    if (death >= 0) { ended += 'M' + p + ' ' + p + 'H' + death; dots += 'M' + death + ' ' + p + 'h0'; }
    else living += 'M' + p + ' ' + p + 'H' + count;
  }
  root.replaceChildren(svg('path', { class: 'life', d: ended }), svg('path', { class: 'alive', d: living }), svg('path', { class: 'merge', d: dots }),
    svg('line', { class: 'now', id: 'now', x1: 0, x2: 0, y1: 0, y2: count }));
};
const drawTime = () => {
  const h = head(), t = Number(time.value), starts = startsAt(h, t);
  get('time-shown').textContent = String(t);
  let slot = -1, next = 0;
  for (let index = 0; index < count; index++) {
    if (next < starts.length && starts[next] === index) { slot++; next++; }
    const span = spans[index], later = index > t;
    span.className = (h.opened[index] && !later ? 'opened' : '') + (later ? ' later' : '');
    span.style.backgroundColor = later ? 'transparent' : colour(slot);
    span.setAttribute('aria-selected', String(index === focused));
  }
  const now = get('now');
  now.setAttribute('x1', t + 1); now.setAttribute('x2', t + 1);
  get('slots').replaceChildren(...starts.map((start, index) => {
    const end = index + 1 < starts.length ? starts[index + 1] : t + 1;
    const row = document.createElement('tr'), swatch = document.createElement('span');
    swatch.className = 'swatch'; swatch.style.backgroundColor = colour(index);
    const text = shown(data.tokens.slice(start, Math.min(end, start + 120)).map((token) => token.text).join('')).replace(/\\n/g, '\\u21b5') + (end - start > 120 ? '\\u2026' : '');
    for (const value of [String(index), start + '\\u2013' + (end - 1), String(end - start), text]) row.insertCell().textContent = value;
    row.cells[0].prepend(swatch);
    return row;
  }));
};
const drawHead = () => {
  const h = head(), opened = h.opened.filter(Boolean).length, merges = h.log.filter((event) => event.kind === 'merge').length;
  get('summary').textContent = 'Policy ' + data.policy + ', tau ' + data.tau + ', capacity ' + h.capacity + '. ' + count + ' tokens, ' + opened + ' opened a slot, ' + merges + ' merges.';
  drawTimeline(h);
  drawTime();
  if (count > 0) describe(focused);
};
const focus = (index) => {
  spans[focused].tabIndex = -1;
  focused = Math.min(count - 1, Math.max(0, index));
  spans[focused].tabIndex = 0;
  spans[focused].focus();
};
data.tokens.forEach((token, index) => {
  const span = document.createElement('span');
  span.textContent = shown(token.text);
  span.tabIndex = index === 0 ? 0 : -1;
  span.setAttribute('role', 'option');
  span.dataset.index = String(index);
  spans.push(span);
});
textBox.replaceChildren(...spans);
const indexOf = (event) => { const value = event.target.dataset && event.target.dataset.index; return value === undefined ? -1 : Number(value); };
textBox.addEventListener('mouseover', (event) => { if (indexOf(event) >= 0) describe(indexOf(event)); });
textBox.addEventListener('focusin', (event) => { const index = indexOf(event); if (index < 0) return; spans[focused].tabIndex = -1; focused = index; spans[index].tabIndex = 0; describe(index); });
textBox.addEventListener('keydown', (event) => {
  const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 40, ArrowUp: -40, Home: -count, End: count };
  const move = moves[event.key];
  if (move === undefined) return;
  event.preventDefault();
  focus(focused + move);
});
fill(layerChoice, data.layers.length);
fill(headChoice, data.layers[0].heads.length);
time.max = String(Math.max(0, count - 1));
time.value = time.max;
layerChoice.addEventListener('change', () => { fill(headChoice, data.layers[Number(layerChoice.value)].heads.length); drawHead(); });
headChoice.addEventListener('change', drawHead);
time.addEventListener('input', drawTime);
document.querySelector('form').addEventListener('submit', (event) => event.preventDefault());
drawHead();
`;
