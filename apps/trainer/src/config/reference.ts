import { configLeaves } from './leaves.js';

/** The config as a Markdown table, one row for each value, from the schema: it stands in the README. */
export function configReference(): string {
  const rows = configLeaves.map(({ path, flag, kind, choices, default: normal, description, unit }) => {
    const values =
      choices.length > 0
        ? choices.map((choice) => `\`${choice}\``).join(', ')
        : { number: 'number', string: 'text', boolean: 'true, false', list: 'list' }[kind];
    return `| \`${path}\` | \`--${flag}\` | ${values}${unit === undefined ? '' : ` [${unit}]`} | \`${JSON.stringify(normal)}\` | ${description} |`;
  });
  return ['| in the file | flag | value | default | meaning |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}
