import { describe, expect, it } from 'vitest';
import { createFactWorld, describeAll, divide, questionsAbout, randomOf, statements, talk } from './facts.ts';

const sizes = { places: 12, people: 12, companies: 12 };
const world = createFactWorld(3, sizes);

describe('a world of facts', () => {
  it('follows from its seed and has as many subjects as asked for, each with a name of its own', () => {
    const { places, people, companies } = world;
    expect([places, people, companies].map(({ length }) => length)).toEqual([12, 12, 12]);
    const names = [...places, ...people, ...companies].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(createFactWorld(3, sizes)).toEqual(world);
    expect(createFactWorld(4, sizes).companies[0]).not.toEqual(companies[0]);
  });

  it('tells every fact of a subject in each text, in the wordings that are allowed', () => {
    const count = 200;
    const texts = describeAll(world.companies, { wordings: statements, count, random: randomOf(3, 'text') });
    expect(texts).toHaveLength(count);
    for (const [i, text] of texts.entries()) {
      const { name, facts } = world.companies[i % 12];
      for (const { attribute, value } of facts) {
        expect([name, attribute, value].filter((word) => !text.includes(word))).toEqual([]);
      }
    }
    expect(texts.join(' ')).not.toContain('?');
    const spoken = describeAll(world.companies, { wordings: talk, count, random: randomOf(3, 'text') });
    expect(spoken.join(' ')).toContain('?');
    expect([...texts, ...spoken].join(' ')).not.toContain('Answer:');
  });

  it('asks about those whose answers were taught and about others', () => {
    const { taught, heldOut } = divide(world.places);
    expect([taught.length, heldOut.length]).toEqual([9, 3]);
    expect(taught.filter((subject) => heldOut.includes(subject))).toEqual([]);
    const questions = questionsAbout(heldOut);
    expect(questions).toHaveLength(15);
    expect(questions[0]).toEqual({
      prompt: `Question: What is the craft of ${heldOut[0].name}? Answer:`,
      answer: ` ${heldOut[0].facts[0].value}`,
    });
  });
});
