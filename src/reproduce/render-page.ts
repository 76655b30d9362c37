/** The page of reproductions: a section for each that was run, in Markdown; others stay as they are. */
import type { AnyReproduction, ReproductionResult } from './reproduction.ts';

const title = '# Reproductions';
const introduction = `${title}

Experiments of papers at the size of one machine, as \`finery reproduce NAME --out docs/reproductions.md\` prints them, whichever way they came out.
`;

/** @param page as it is; empty for a new one */
export function withSection(page: string, section: string, name: string): string {
  const [before, ...sections] = page.trim() === '' ? [introduction] : page.split(/^(?=<!-- reproduction: )/m);
  const start = markOf(name);
  const others = sections.filter((each) => !each.startsWith(start)).map((each) => each.trim());
  const all = [...others, `${start}\n${section.trim()}`].sort();
  return `${[before.trim(), ...all].join('\n\n')}\n`;
}

const markOf = (name: string): string => `<!-- reproduction: ${name} -->`;

export function renderSection(
  { name, title: heading, source, method }: AnyReproduction,
  { seeds, claims }: ReproductionResult,
): string {
  const held = claims.filter(({ holds }) => holds).length;
  const rows = claims.map(({ id, statement, expected, measured, control, holds }) =>
    [`**${id}** ${statement}`, expected, measured, control, holds ? 'yes' : '**no**'].map(cell).join(' | '),
  );
  return `## ${heading}

${source}

${method}

\`\`\`sh
finery reproduce ${name} --seeds ${seeds.length}
\`\`\`

${held} of ${claims.length} claims hold over ${seeds.length === 1 ? 'one seed' : `${seeds.length} seeds`}.

| claim | expected | measured | control | holds |
| --- | --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}
`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
