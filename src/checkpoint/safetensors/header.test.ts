import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { formatHeader, parseHeader, type TensorEntry } from './header.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string, dataBytes: number) => parseHeader(encode(text), dataBytes, 'file');

/** A header with the given tensors, each written as JSON. */
const entry = (dtype: string, shape: string, offsets: string): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
const [four, eight] = [entry('F32', '[1]', '[0,4]'), entry('F32', '[1]', '[4,8]')];

describe('parseHeader', () => {
  it('reads tensors in the order of their data, and metadata', () => {
    const header = parse(`{"b": ${eight}, "a" :${four},"__metadata__":{"format":"pt","n\\u006fte":"\\"x\\""} } \n`, 8);
    expect([...header.tensors]).toEqual([
      ['a', { dtype: 'f32', shape: [1], begin: 0, end: 4 }],
      ['b', { dtype: 'f32', shape: [1], begin: 4, end: 8 }],
    ]);
    expect([...header.metadata]).toEqual([
      ['format', 'pt'],
      ['note', '"x"'],
    ]);
  });

  it('accepts no tensors, scalars, empty tensors and every element type', () => {
    expect(parse('{}', 0).tensors.size).toBe(0);
    expect(
      parse(`{"a":${entry('BF16', '[]', '[0,2]')},"b":${entry('I64', '[0,9007199254740991]', '[2,2]')}}`, 2).tensors
        .size,
    ).toBe(2);
    const widths = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 };
    for (const [name, width] of Object.entries(widths))
      parse(`{"a":${entry(name, '[3]', `[0,${3 * width}]`)}}`, 3 * width);
  });

  it('treats names of object properties as names', () => {
    const header = parse(`{"__proto__":${four},"constructor":${eight}}`, 8);
    expect([...header.tensors.keys()]).toEqual(['__proto__', 'constructor']);
  });

  it.each([
    ['an empty header', '', 0],
    ['something that is not an object', '[]', 0],
    ['a leading space before {, as in no known writer', `\u00a0{}`, 0],
    ['a byte order mark', '\ufeff{}', 0],
    ['broken JSON', `{"a":${four}`, 4],
    ['a trailing comma', `{"a":${four},}`, 4],
    ['something behind the object', `{"a":${four}}{}`, 4],
    ['a zero byte behind the object', `{"a":${four}}\0`, 4],
    ['a tensor given twice', `{"a":${four},"a":${eight}}`, 8],
    ['a tensor given twice, once escaped', `{"a":${four},"\\u0061":${eight}}`, 8],
    ['metadata given twice', `{"__metadata__":{},"__metadata__":{}}`, 0],
    ['a metadata key given twice', `{"__metadata__":{"a":"1","a":"2"}}`, 0],
    ['a field given twice', `{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4],
    ['metadata that is not text', `{"__metadata__":{"a":1}}`, 0],
    ['nested metadata', `{"__metadata__":{"a":{"b":"c"}}}`, 0],
    ['an unknown field', `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":"y"}}`, 4],
    ['a missing field', `{"a":{"dtype":"F32","shape":[1]}}`, 4],
    ['an element type that is not text', `{"a":{"dtype":1,"shape":[1],"data_offsets":[0,4]}}`, 4],
    ['a hole before the first tensor', `{"a":${eight}}`, 8],
    ['a hole between tensors', `{"a":${four},"b":${entry('F32', '[1]', '[8,12]')}}`, 12],
    ['overlapping tensors', `{"a":${four},"b":${entry('F32', '[2]', '[0,8]')}}`, 8],
    ['two names for the same bytes', `{"a":${four},"b":${four}}`, 4],
    ['data behind the last tensor', `{"a":${four}}`, 5],
    ['data that is missing', `{"a":${four}}`, 3],
    ['offsets beyond the data', `{"a":${entry('F32', '[4]', '[0,16]')}}`, 4],
    ['offsets the wrong way round', `{"a":${entry('F32', '[1]', '[4,0]')}}`, 4],
    ['a negative offset', `{"a":${entry('F32', '[1]', '[-4,0]')}}`, 4],
    ['a negative length', `{"a":${entry('F32', '[-1]', '[0,4]')}}`, 4],
    ['one offset', `{"a":${entry('F32', '[1]', '[4]')}}`, 4],
    ['three offsets', `{"a":${entry('F32', '[1]', '[0,4,8]')}}`, 4],
    ['a shape that does not fit the bytes', `{"a":${entry('F32', '[2]', '[0,4]')}}`, 4],
    [
      'a shape whose product overflows to the right size',
      `{"a":${entry('U8', '[4294967296,4294967296,1]', '[0,0]')}}`,
      0,
    ],
    ['a length beyond 2^53', `{"a":${entry('U8', '[9007199254740993]', '[0,0]')}}`, 0],
    ['a fraction', `{"a":${entry('F32', '[1.0]', '[0,4]')}}`, 4],
    ['an exponent', `{"a":${entry('F32', '[1e0]', '[0,4]')}}`, 4],
    ['a leading zero', `{"a":${entry('F32', '[01]', '[0,4]')}}`, 4],
    ['a nested shape', `{"a":${entry('F32', '[[1]]', '[0,4]')}}`, 4],
    ['a control character in a name', `{"a\nb":${four}}`, 4],
    ['half a surrogate pair in a name', `{"\\ud800":${four}}`, 4],
    ['a bad escape', `{"\\x":${four}}`, 4],
    ['an unfinished string', `{"a`, 0],
    ['an unfinished escape', `{"a\\`, 0],
  ])('refuses %s', (_, text, dataBytes) => {
    expect(() => parse(text, dataBytes)).toThrow(InputError);
  });

  it('refuses text that is not UTF-8', () => {
    expect(() => parseHeader(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d), 0, 'file')).toThrow(/not UTF-8/);
  });

  it('survives deep nesting without a deep stack', () => {
    const deep = '['.repeat(1_000_000);
    expect(() => parse(`{"a":${deep}`, 0)).toThrow(InputError);
    expect(() => parse(`{"__metadata__":${'{"a":'.repeat(1_000_000)}`, 0)).toThrow(InputError);
  });

  it('says what an unknown element type is', () => {
    expect(() => parse(`{"w":${entry('F8_E5M2', '[1]', '[0,1]')}}`, 1)).toThrow(
      /tensor "w": found element type "F8_E5M2"/,
    );
  });

  it('never fails on arbitrary text other than by an InputError', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '0',
      '4',
      '-',
      ' ',
      '"a"',
      '"dtype"',
      '"F32"',
      four,
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        try {
          parse(`{${parts.join('')}`, 4);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('formatHeader', () => {
  it('is aligned and read back as it was', () => {
    const names = fc.uniqueArray(
      fc.string({ unit: 'grapheme' }).filter((name) => name !== '__metadata__'),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(
        names,
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })),
        (list, notes) => {
          const tensors = new Map<string, TensorEntry>(
            list.map((name, i) => [name, { dtype: 'f32', shape: [2, 3], begin: 24 * i, end: 24 * (i + 1) }]),
          );
          const metadata = new Map(Object.entries(notes));
          const bytes = formatHeader({ tensors, metadata });
          expect(bytes.length % 8).toBe(0);
          expect(new DataView(bytes.buffer).getBigUint64(0, true)).toBe(BigInt(bytes.length - 8));
          expect(parseHeader(bytes.subarray(8), 24 * list.length, 'file')).toEqual({ tensors, metadata });
        },
      ),
    );
  });
});
