import { describe, expect, it } from 'vitest';
import { nearest } from './near-miss.ts';

describe('nearest', () => {
  const names = ['rows', 'length', 'learning_rate', 'lr_scheduler_type'];
  it.each([
    ['lenght', 'length'],
    ['learningRate', 'learning_rate'],
    ['lerning_rate', 'learning_rate'],
    ['row', 'rows'],
    ['rwos', 'rows'],
    ['swor', undefined],
    ['batch', undefined],
    ['rows'.repeat(1000), undefined],
  ])('%s', (word, meant) => {
    expect(nearest(word, names)).toBe(meant);
  });

  it('prefers the fewest changes', () => {
    expect(nearest('generals', ['generate', 'general'])).toBe('general');
    expect(nearest('x', [])).toBeUndefined();
  });
});
