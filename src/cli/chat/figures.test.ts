import { expect, it } from 'vitest';
import { Figures } from './figures.ts';

it('Figures tell the speed after the first token, and how long that took', () => {
  let now = 1000;
  const figures = new Figures(() => now);
  expect(figures.format()).toBe('0 tokens');
  now += 50;
  figures.count();
  expect(figures.format()).toBe('1 token, first after 50 ms');
  for (let i = 0; i < 10; i++) {
    now += 200;
    figures.count();
  }
  expect(figures.format()).toBe('11 tokens, 5.0 tokens/s, first after 50 ms');
  const slow = new Figures(() => now);
  now += 1234;
  slow.count();
  expect(slow.format()).toBe('1 token, first after 1.2 s');
});
