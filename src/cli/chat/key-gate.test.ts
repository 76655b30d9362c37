import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { KeyGate } from './key-gate.ts';

class Keys extends EventEmitter {
  readonly setRawMode = vi.fn();
  readonly resume = vi.fn();
  readonly pause = vi.fn();
  press(keys: string): void {
    this.emit('data', Buffer.from(keys));
  }
}

let keys: Keys;
let gate: KeyGate;
let passed: string;
const onInterrupt = vi.fn();

beforeEach(() => {
  onInterrupt.mockClear();
  keys = new Keys();
  gate = new KeyGate(keys, onInterrupt);
  passed = '';
  gate.on('data', (chunk: Buffer) => {
    passed += chunk.toString();
    if (passed.endsWith('go\r')) gate.shut();
  });
});

describe('KeyGate', () => {
  it('holds keys until it is opened', () => {
    keys.press('ab');
    expect(passed).toBe('');
    gate.open();
    expect(passed).toBe('ab');
    keys.press('c\x03');
    expect(passed).toBe('abc\x03');
    expect(onInterrupt).not.toHaveBeenCalled();
  });

  it('lets through no key after the line that shut it, even of the same chunk', () => {
    gate.open();
    keys.press('x\rgo\rnext go\rlast');
    expect(passed).toBe('x\rgo\r');
    gate.open();
    expect(passed).toBe('x\rgo\rnext go\r');
    gate.open();
    expect(passed).toBe('x\rgo\rnext go\rlast');
  });

  it('tells Ctrl-C while it is shut, and drops what was typed before', () => {
    keys.press('typed');
    keys.press('more\x03after');
    expect(onInterrupt).toHaveBeenCalledTimes(1);
    gate.open();
    expect(passed).toBe('after');
  });

  it('passes on the end, and takes no more once it is detached', () => {
    const onEnd = vi.fn();
    gate.on('end', onEnd).open();
    gate.detach();
    keys.press('late');
    keys.emit('end');
    expect({ passed, ended: onEnd.mock.calls.length, paused: keys.pause.mock.calls.length }).toEqual({
      passed: '',
      ended: 0,
      paused: 1,
    });
    new KeyGate(keys, onInterrupt).on('end', onEnd);
    keys.emit('end');
    expect(onEnd).toHaveBeenCalledTimes(1);
  });
});
