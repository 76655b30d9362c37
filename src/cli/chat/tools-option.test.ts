import { describe, expect, it } from 'vitest';
import { toolList } from './tools-option.ts';

describe('--tools', () => {
  it('takes names that there are, each once', () => {
    expect(toolList('calculator')).toEqual(['calculator']);
    expect(toolList(' calculator,, calculator ')).toEqual(['calculator']);
  });

  it.each(['', ' , ', 'Calculator', 'shell', 'calculator,shell', '__proto__'])('refuses %j by name', (word) => {
    expect(() => toolList(word)).toThrow(/^--tools: found ".*", expected calculator\. /);
  });
});
