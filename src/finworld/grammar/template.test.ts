import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { render } from './template.ts';
import { compose, Writer } from './writer.ts';

/** All texts of a template, by many draws. */
function language(template: string, slots = {}): string[] {
  const random = stream(5, template);
  const texts = new Set(Array.from({ length: 400 }, () => render(template, slots, (n) => random.below(n))));
  return [...texts].sort();
}

describe('templates', () => {
  it('choose, nest and leave out', () => {
    expect(language('{a{1|2}|b|}c')).toEqual(['a1c', 'a2c', 'bc', 'c']);
  });

  it('put clauses in either order', () => {
    expect(language('[in {May|June} ~ it rained]')).toEqual([
      'in June, it rained',
      'in May, it rained',
      'it rained in June',
      'it rained in May',
    ]);
  });

  it('fill slots with values, functions and synonyms', () => {
    let calls = 0;
    expect(render('<x> and <y>', { x: 3, y: () => `call ${++calls}` }, () => 0)).toBe('3 and call 1');
    expect(language('<began>')).toEqual(['began', 'started']);
  });

  it.each(['{a|b', 'a}', '<x', 'a|b', '[a ~ b', '[a b]'])('refuse the malformed %j', (template) => {
    expect(() => render(template, {}, () => 0)).toThrow(JSON.stringify(template));
  });

  it('refuse a slot that nothing fills, also when it is called like a method of objects', () => {
    expect(() => render('<missing>', {}, () => 0)).toThrow('<missing>');
    expect(() => render('<constructor>', Object.create(null), () => 0)).toThrow('<constructor>');
  });
});

describe('writer', () => {
  it('prefers templates that the document has not used', () => {
    const writer = new Writer(stream(1));
    const said = [1, 2, 3, 4].map(() => writer.phrase(['a', 'b', 'c', 'd']));
    expect([...said].sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('samples without repetition, all items if asked for more', () => {
    const writer = new Writer(stream(2));
    for (let i = 0; i < 50; i++) expect(new Set(writer.sample([1, 2, 3, 4, 5], 3)).size).toBe(3);
    expect(writer.sample([1, 2], 5).sort()).toEqual([1, 2]);
  });

  it('asks at compile time for the slots of its templates', () => {
    const writer = new Writer(stream(3));
    expect(writer.say(['<x> fell'], { x: 'rain' })).toBe('Rain fell.');
    // @ts-expect-error nothing is given for <x>
    expect(() => writer.say(['<x> fell'])).toThrow('<x>');
  });

  it('composes paragraphs without the empty ones', () => {
    expect(compose(['Title', ['One.', '', 'Two.'], [], ''])).toBe('Title\n\nOne. Two.');
  });
});
