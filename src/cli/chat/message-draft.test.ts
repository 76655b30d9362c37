import { describe, expect, it } from 'vitest';
import { MessageDraft } from './message-draft.ts';

describe('MessageDraft', () => {
  it('joins lines that end with a backslash to the next one', () => {
    const draft = new MessageDraft();
    expect(draft.add('one\\')).toBeUndefined();
    expect(draft.isBegun).toBe(true);
    expect(draft.add('two \\')).toBeUndefined();
    expect(draft.add('three')).toBe('one\ntwo \nthree');
    expect(draft.isBegun).toBe(false);
    expect(draft.add('next')).toBe('next');
  });

  it('keeps pasted lines as they are until a line is entered', () => {
    const draft = new MessageDraft();
    for (const line of ['a\\', '', '/quit']) expect(draft.add(line, true)).toBeUndefined();
    expect(draft.add('')).toBe('a\\\n\n/quit\n');
  });

  it('forgets what is cleared', () => {
    const draft = new MessageDraft();
    draft.add('one\\');
    draft.clear();
    expect(draft.add('two')).toBe('two');
  });
});
