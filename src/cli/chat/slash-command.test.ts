import { describe, expect, it } from 'vitest';
import { commandHelp, parseInput } from './slash-command.ts';

describe('parseInput', () => {
  it.each([
    ['hello /help', { kind: 'message', text: 'hello /help' }],
    [' /help', { kind: 'message', text: ' /help' }],
    ['//help me', { kind: 'message', text: '/help me' }],
    ['/etc/passwd\nis a file', { kind: 'message', text: '/etc/passwd\nis a file' }],
    ['/help', { kind: 'help' }],
    ['/quit  ', { kind: 'quit' }],
    ['/system  You are brief. ', { kind: 'system', text: 'You are brief.' }],
    ['/system', { kind: 'system', text: undefined }],
    ['/save a file.md', { kind: 'save', file: 'a file.md' }],
    ['/seed 7', { kind: 'seed', value: 7 }],
    ['/temperature 0.5', { kind: 'temperature', value: 0.5 }],
    ['/max 1_000', { kind: 'max', value: 1000 }],
  ])('reads %j', (text, expected) => {
    expect(parseInput(text)).toEqual(expected);
  });

  it.each([
    ['/hlep', /unknown command, expected \/help\. .*\/\/hlep/],
    ['/tmeperature 1', /expected \/temperature\./],
    ['/zzz', /expected \/help, \/system, /],
    ['/', /unknown command/],
    ['/constructor', /unknown command/],
    [`/${'x'.repeat(100_000)}`, /unknown command/],
    ['/retry now', /found now, expected nothing after it/],
    ['/save', /no file/],
    ['/seed', /\/seed: .*a whole number/],
    ['/seed -1', /from 0 to/],
    ['/temperature hot', /\/temperature: found "hot", expected a number from 0 to 100\. Enter/],
    ['/max 0', /1 or more/],
  ])('refuses %j', (text, message) => {
    expect(() => parseInput(text)).toThrow(message);
  });

  it('lists every command, each of which it reads', () => {
    for (const [usage, summary] of commandHelp()) {
      const example = usage.replace(/ (TEXT|FILE)$/, ' x').replace(/ [A-Z]$/, ' 1');
      expect(`/${parseInput(example).kind}`).toBe(usage.split(' ')[0]);
      expect(summary).not.toBe('');
    }
  });
});
