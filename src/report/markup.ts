/**
 * HTML and SVG in which everything is escaped unless it was made here:
 *
 *     markup`<td>${name}</td>` // & < > " ' of the name are escaped
 *
 * Values stand in text or inside quotes, never elsewhere.
 */
import { visible } from './visible.ts';

export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Lists are joined; undefined, null and false leave nothing. */
export type MarkupValue = string | number | Markup | undefined | null | false | readonly MarkupValue[];

export function markup(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return new Markup(parts.map((part, i) => part + (i < values.length ? render(values[i]) : '')).join(''));
}

function render(value: MarkupValue): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(render).join('');
  // Line breaks belong in preformatted text; every other control character does not belong at all.
  return String(value)
    .split('\n')
    .map(visible)
    .join('\n')
    .replace(/[&<>"']/g, (character) => entities[character]);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
