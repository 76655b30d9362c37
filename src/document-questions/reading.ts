/** A document as those see it who make questions of it. */
import { type Definition, definitionsOf } from './definitions.ts';
import { type Outline, readOutline } from './text/outline.ts';

export interface Reading extends Outline {
  readonly definitions: readonly Definition[];
  /** The paragraphs of all sections. */
  readonly paragraphs: readonly (readonly string[])[];
}

export function read(text: string): Reading {
  const outline = readOutline(text);
  const paragraphs = outline.sections.flatMap((section) => section.paragraphs);
  return { ...outline, paragraphs, definitions: definitionsOf(outline) };
}
