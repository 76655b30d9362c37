/** The papers whose experiments can be done again. A new one is a new entry. */
import { cptMerge } from './cpt-merge.ts';
import { dare } from './dare.ts';
import type { AnyReproduction } from './reproduction.ts';

export const reproductions: readonly AnyReproduction[] = [cptMerge, dare];
