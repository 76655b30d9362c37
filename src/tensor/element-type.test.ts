import { describe, expect, it } from 'vitest';
import { byteWidth, elementCount, fromSafetensorsName, safetensorsName } from './element-type.ts';

describe('element types', () => {
  it('translate to and from safetensors names', () => {
    for (const [type, name, width] of [
      ['bf16', 'BF16', 2],
      ['i64', 'I64', 8],
      ['bool', 'BOOL', 1],
    ] as const) {
      expect(safetensorsName(type)).toBe(name);
      expect(fromSafetensorsName(name)).toBe(type);
      expect(byteWidth(type)).toBe(width);
    }
  });

  it.each(['F8_E5M2', 'f32', 'bf16', '', 'toString', '__proto__'])('do not know %j', (name) => {
    expect(fromSafetensorsName(name)).toBeUndefined();
  });
});

describe('elementCount', () => {
  it.each([
    [[], 1],
    [[3, 4], 12],
    [[0, 2 ** 53 - 1, 2 ** 53 - 1], 0],
    [[2 ** 26, 2 ** 27], undefined],
    [[2 ** 52, 2 ** 52], undefined],
    [[-1], undefined],
    [[1.5], undefined],
  ])('counts %j', (shape, count) => {
    expect(elementCount(shape)).toBe(count);
  });
});
