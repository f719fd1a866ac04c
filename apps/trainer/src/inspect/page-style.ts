/** Style of the memory page. Slot colours are `--slot-0` to `--slot-7`, used in turn. */
export const pageStyle = `
:root { --ink: #1c1b19; --paper: #fbfaf7; --line: #d9d4c8; --faint: #6a655b; --accent: #9a3412;
  --slot-0: #f3d9a4; --slot-1: #bfe0c0; --slot-2: #b5d8f3; --slot-3: #e0c8ee; --slot-4: #f6c9bd; --slot-5: #b9e3df; --slot-6: #e6e29c; --slot-7: #d3d0f2; }
@media (prefers-color-scheme: dark) { :root { --ink: #ece8df; --paper: #191816; --line: #3d3a34; --faint: #a39d90; --accent: #fdba74;
  --slot-0: #5f4715; --slot-1: #1f5230; --slot-2: #184a6b; --slot-3: #543069; --slot-4: #6b3022; --slot-5: #14534e; --slot-6: #55520f; --slot-7: #3b3775; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.05rem; margin: 1.75rem 0 .25rem; }
p { margin: 0 0 .5rem; }
.hint { color: var(--faint); font-size: .875rem; }
form { display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; align-items: center; margin-top: 1rem; }
label { display: flex; gap: .5rem; align-items: center; }
.wide { flex: 1 1 20rem; }
.wide input { flex: 1; }
output { font-variant-numeric: tabular-nums; min-width: 4ch; }
select { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 4px; padding: .2rem .4rem; }
#text { white-space: pre-wrap; overflow-wrap: anywhere; font: 15px/1.75 ui-monospace, monospace; border: 1px solid var(--line); border-radius: 6px; padding: .75rem; max-height: 26rem; overflow: auto; }
#text span.opened { text-decoration: underline; text-decoration-color: var(--faint); text-underline-offset: 4px; }
#text span.later { color: var(--faint); opacity: .55; }
#text span:hover, #text span:focus { outline: 2px solid var(--accent); outline-offset: 0; }
#token { min-height: 1.5em; margin-top: .5rem; font-variant-numeric: tabular-nums; }
#timeline { display: block; width: 100%; height: 22rem; border: 1px solid var(--line); border-radius: 6px; }
#timeline .life { fill: none; stroke: var(--faint); stroke-width: 1; vector-effect: non-scaling-stroke; }
#timeline .alive { fill: none; stroke: var(--accent); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
#timeline .merge { fill: none; stroke: var(--ink); stroke-width: 4; stroke-linecap: round; vector-effect: non-scaling-stroke; }
#timeline .now { stroke: var(--accent); stroke-width: 1; stroke-dasharray: 4 3; vector-effect: non-scaling-stroke; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .2rem .75rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:not(:last-child) { white-space: nowrap; }
td:last-child { white-space: pre-wrap; font: 14px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.swatch { display: inline-block; width: 1rem; height: 1rem; border-radius: 3px; margin-right: .5rem; vertical-align: -2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
`;
