import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { allocateParameters } from './allocate-parameters.ts';
import { arrayBytes } from './arena.ts';

const kinds = ['weight', 'gradient', 'm', 'v'] as const;

describe('allocateParameters', () => {
  it('keeps the order of names and the arrays of one parameter in one arena', () => {
    const shapes = [
      { name: 'b', shape: [100, 100] },
      { name: 'a', shape: [100, 150] },
      { name: 'scalar', shape: [] },
    ];
    // 160 kB for the first, 240 kB for the second: two arenas.
    const parameters = allocateParameters(shapes, kinds, { arenaBytes: 300_000 });
    expect([...parameters.keys()]).toEqual(['b', 'a', 'scalar']);
    for (const parameter of parameters.values()) {
      for (const kind of kinds) expect(parameter[kind].buffer).toBe(parameter.arena.memory.buffer);
    }
    expect(parameters.get('a')!.arena).not.toBe(parameters.get('b')!.arena);
    expect(parameters.get('scalar')!.arena).toBe(parameters.get('a')!.arena);
    expect(parameters.get('a')!.m).toHaveLength(15_000);
  });

  it('gives frozen parameters a weight only', () => {
    const parameter = allocateParameters([{ name: 'w', shape: [4] }], ['weight']).get('w')!;
    expect(Object.keys(parameter).sort()).toEqual(['arena', 'name', 'shape', 'weight']);
  });

  it('refuses what does not fit, before reserving memory', () => {
    const attempt = (shape: number[]) => () => allocateParameters([{ name: 'embed', shape }], kinds);
    expect(attempt([300_000, 1024])).toThrow(
      /parameter embed: found shape \[300000,1024\], 4915204352 bytes with its 4 arrays/,
    );
    expect(attempt([2 ** 30, 2 ** 30])).toThrow(UsageError);
    expect(attempt([-1, -1])).toThrow(UsageError);
  });

  it('refuses more than there is memory, where each parameter would fit', () => {
    const shapes = ['a', 'b', 'c'].map((name) => ({ name, shape: [1000] }));
    const memoryBytes = 12 * arrayBytes(1000);
    expect(allocateParameters(shapes, kinds, { memoryBytes }).size).toBe(3);
    expect(() => allocateParameters(shapes, kinds, { memoryBytes: memoryBytes - 1 })).toThrow(
      `${memoryBytes} bytes of parameters and what is kept beside them, expected at most the ${memoryBytes - 1} bytes`,
    );
    const vast = Array.from({ length: 10_000 }, (_, i) => ({ name: `layer ${i}`, shape: [2 ** 13, 2 ** 13] }));
    expect(() => allocateParameters(vast, kinds)).toThrow(UsageError);
  });

  it('refuses a name given twice', () => {
    const twice = [
      { name: 'w', shape: [1] },
      { name: 'w', shape: [1] },
    ];
    expect(() => allocateParameters(twice, ['weight'])).toThrow(/second parameter of this name/);
  });
});
