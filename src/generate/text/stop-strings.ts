/** Ends a text before the first of several strings, wherever the borders of its pieces lie. */

import { UsageError } from '../../errors.ts';
import { StringAutomaton } from './string-automaton.ts';

const MAX_STRINGS = 64;
const MAX_LENGTH = 1_024;

/**
 * Text that may be the beginning of a stop string waits until that is decided. The stop string that is complete first
 * counts, of those complete at the same place the longest, so that the result does not depend on the pieces.
 */
export class StopStrings {
  readonly #automaton: StringAutomaton;
  readonly #isIncluded: boolean;
  #state = 0;
  #matched: string | undefined;

  /** Throws a `UsageError` for more than 64 strings and for one that is empty, too long or not well-formed Unicode. */
  constructor(strings: readonly string[], { include = false }: { readonly include?: boolean } = {}) {
    if (strings.length > MAX_STRINGS) {
      throw new UsageError({
        field: 'stop',
        found: `${strings.length} strings`,
        expected: `at most ${MAX_STRINGS}`,
        fix: 'Leave out those that are longer forms of others.',
      });
    }
    for (const [i, string] of strings.entries()) checkStopString(string, `stop.${i}`);
    this.#automaton = new StringAutomaton(strings);
    this.#isIncluded = include;
  }

  /** The stop string that ended the text; after it no text may be pushed. */
  get matched(): string | undefined {
    return this.#matched;
  }

  /** Takes the next text, whole characters; returns the text that is certain to be kept and was not returned before. */
  push(text: string): string {
    const automaton = this.#automaton;
    const waiting = automaton.beginning(this.#state);
    const head = (length: number): string =>
      length <= waiting.length ? waiting.slice(0, length) : waiting + text.slice(0, length - waiting.length);
    let state = this.#state;
    for (let i = 0; i < text.length; i++) {
      state = automaton.step(state, text.charCodeAt(i));
      const found = automaton.found(state);
      if (found < 0) continue;
      this.#matched = automaton.patterns[found];
      this.#state = 0;
      return head(waiting.length + i + 1 - (this.#isIncluded ? 0 : this.#matched.length));
    }
    this.#state = state;
    return head(waiting.length + text.length - automaton.depth(state));
  }

  /** No text follows: what was waiting. */
  flush(): string {
    const waiting = this.#automaton.beginning(this.#state);
    this.#state = 0;
    return waiting;
  }
}

function checkStopString(string: string, field: string): void {
  const refuse = (found: string, expected: string, fix: string): never => {
    throw new UsageError({ field, found, expected, fix });
  };
  if (string === '') refuse('an empty string', 'at least one character', 'Leave it out.');
  if (string.length > MAX_LENGTH)
    refuse(`${string.length} UTF-16 units`, `at most ${MAX_LENGTH}`, 'Its beginning will do.');
  if (/\p{Surrogate}/u.test(string)) refuse('a lone surrogate', 'well-formed text', 'No text has half a character.');
}
