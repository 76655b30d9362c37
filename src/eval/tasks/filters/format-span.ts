/** `format_span`: entities as a model lists them, such as "Person: Ada, Bo", in the form "per: ada $ per: bo". */

/** In the order in which they are looked for; a longer name need not come first, because names are whole words. */
const LABELS: readonly (readonly [name: string, label: string])[] = [
  ['person', 'PER'],
  ['location', 'LOC'],
  ['organization', 'ORG'],
  ['counties', 'LOC'],
  ['places', 'LOC'],
  ['people', 'PER'],
  ['persons', 'PER'],
  ['company', 'ORG'],
  ['country', 'LOC'],
  ['continent', 'LOC'],
  ['time', 'DATE'],
  ['date', 'DATE'],
  ['per', 'PER'],
  ['loc', 'LOC'],
  ['org', 'ORG'],
];

export function formatSpan(answer: string): string {
  let text = answer.toLowerCase();
  for (const [name, label] of LABELS) text = text.replace(new RegExp(`\\b${name}\\s*:`, 'g'), `${label}:`);
  text = text.replaceAll('$$', '$').replaceAll('\n', '$').trim();
  const spans: string[] = [];
  for (const [, label, values] of text.matchAll(/\b(PER|LOC|ORG|DATE):\s*([^$]+)/g)) {
    for (const value of values.split(',').map((one) => one.trim())) {
      if (value !== 'none') spans.push(`${label.toLowerCase()}: ${value}`);
    }
  }
  return spans.join(' $ ');
}
