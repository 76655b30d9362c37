import { describe, expect, it } from 'vitest';
import { smallTokenizer } from '../../../test/support/constraints.ts';
import type { State } from './automaton.ts';
import { jsonConstraint } from './json-constraint.ts';

const { automaton } = jsonConstraint(smallTokenizer([]));
const TEXT = '{"a":[{"b":[1,{"c":2.5}]},[],"\\u00e9"],"d":null}';

const follow = (state: State | null, text: string, between: () => void): State | null => {
  let at = state;
  for (const byte of Buffer.from(text)) {
    between();
    at = at && automaton.step(at, automaton.classOf[byte]);
  }
  return at;
};

describe('an automaton', () => {
  it.each([
    ['once', 1],
    ['before every byte', Number.POSITIVE_INFINITY],
  ])('goes on from states that it has forgotten %s, as it must in the middle of a mask', (_often, times) => {
    for (let cut = 0; cut <= TEXT.length; cut++) {
      let left = times;
      const forget = (): void => {
        if (left-- > 0) automaton.forget();
      };
      const held = follow(automaton.start(), TEXT.slice(0, cut), () => {});
      expect(follow(held, TEXT.slice(cut), forget)?.accepts, TEXT.slice(0, cut)).toBe(true);
      expect(follow(held, `${TEXT.slice(cut)}}`, forget), TEXT.slice(0, cut)).toBeNull();
    }
  });

  it('has one state for the same places, whichever way they were reached', () => {
    const none = () => {};
    const state = follow(automaton.start(), '["x', none);
    expect(follow(automaton.start(), '["\\u0041é', none)).toBe(state);
    expect(follow(automaton.start(), '[["x', none)).not.toBe(state);
    const before = state!;
    automaton.forget();
    const renewed = automaton.renew(before);
    expect(renewed).not.toBe(before);
    expect(automaton.renew(before)).toBe(renewed);
    expect(automaton.renew(renewed)).toBe(renewed);
  });

  it('accepts only where the whole text is complete', () => {
    const accepted = Array.from(TEXT, (_, i) => i + 1).filter(
      (length) => follow(automaton.start(), TEXT.slice(0, length), () => {})!.accepts,
    );
    expect(accepted).toEqual([TEXT.length]);
  });
});
