import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { stream } from '../../random/stream.ts';
import { readDocuments } from './read-documents.ts';
import { readRecords } from './read-records.ts';

/** Enough of Thrift's compact protocol and of the Parquet format to write tables of required columns. */
type Thrift =
  | { i32: number }
  | { i64: number }
  | { binary: Uint8Array }
  | { list: Thrift[] }
  | { struct: Map<number, Thrift> };

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  return [...bytes, Number(value)];
}

const zigzag = (n: number) => varint(BigInt.asUintN(64, (BigInt(n) << 1n) ^ (BigInt(n) >> 63n)));
const kind = (value: Thrift) =>
  'i32' in value ? 5 : 'i64' in value ? 6 : 'binary' in value ? 8 : 'list' in value ? 9 : 12;

function encode(value: Thrift): number[] {
  if ('i32' in value) return zigzag(value.i32);
  if ('i64' in value) return zigzag(value.i64);
  if ('binary' in value) return [...varint(BigInt(value.binary.length)), ...value.binary];
  if ('list' in value) {
    const items = value.list.flatMap(encode);
    const element = value.list.length > 0 ? kind(value.list[0]) : 12;
    return value.list.length < 15
      ? [(value.list.length << 4) | element, ...items]
      : [0xf0 | element, ...varint(BigInt(value.list.length)), ...items];
  }
  let last = 0;
  const fields = [...value.struct].flatMap(([id, field]) => {
    const header = ((id - last) << 4) | kind(field);
    last = id;
    return [header, ...encode(field)];
  });
  return [...fields, 0];
}

const i32 = (n: number): Thrift => ({ i32: n });
const i64 = (n: number): Thrift => ({ i64: n });
const text = (s: string): Thrift => ({ binary: Buffer.from(s) });
const list = (items: Thrift[]): Thrift => ({ list: items });
const struct = (fields: Record<number, Thrift>): Thrift => ({
  struct: new Map(Object.entries(fields).map(([id, field]) => [Number(id), field])),
});

const INT64 = 2;
const BYTE_ARRAY = 6;
const UTF8 = 0;

interface Table {
  readonly groups: { readonly text: (string | Uint8Array)[]; readonly year: number[] }[];
  readonly gzip?: boolean;
  /** What the footer claims instead of the truth. */
  readonly rowsClaimed?: number;
  readonly pageBytesClaimed?: number;
}

function parquet({ groups, gzip = false, rowsClaimed, pageBytesClaimed }: Table): Buffer {
  const parts: Uint8Array[] = [Buffer.from('PAR1')];
  let offset = 4;
  const chunk = (name: string, type: number, plain: Buffer, values: number): Thrift => {
    const body = gzip ? gzipSync(plain) : plain;
    const header = Buffer.from(
      encode(
        struct({
          1: i32(0),
          2: i32(pageBytesClaimed ?? plain.length),
          3: i32(body.length),
          5: struct({ 1: i32(values), 2: i32(0), 3: i32(3), 4: i32(3) }),
        }),
      ),
    );
    const at = offset;
    const size = header.length + body.length;
    parts.push(header, body);
    offset += size;
    const metadata = {
      1: i32(type),
      2: list([i32(0)]),
      3: list([text(name)]),
      4: i32(gzip ? 2 : 0),
      5: i64(values),
      6: i64(plain.length),
      7: i64(size),
      9: i64(at),
    };
    return struct({ 2: i64(at), 3: struct(metadata) });
  };
  const rowGroups = groups.map((group) => {
    const strings = group.text.flatMap((value) => {
      const bytes = Buffer.from(value as string);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    });
    const years = Buffer.from(BigInt64Array.from(group.year.map(BigInt)).buffer);
    const columns = [
      chunk('text', BYTE_ARRAY, Buffer.concat(strings), group.text.length),
      chunk('year', INT64, years, group.year.length),
    ];
    return struct({ 1: list(columns), 2: i64(100), 3: i64(rowsClaimed ?? group.text.length) });
  });
  const footer = Buffer.from(
    encode(
      struct({
        1: i32(1),
        2: list([
          struct({ 4: text('schema'), 5: i32(2) }),
          struct({ 1: i32(BYTE_ARRAY), 3: i32(0), 4: text('text'), 6: i32(UTF8) }),
          struct({ 1: i32(INT64), 3: i32(0), 4: text('year') }),
        ]),
        3: i64(groups.reduce((sum, group) => sum + group.text.length, 0)),
        4: list(rowGroups),
      }),
    ),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([...parts, footer, length, Buffer.from('PAR1')]);
}

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'parquet-'));
});
afterEach(() => rmSync(root, { recursive: true }));

async function texts(table: Buffer): Promise<string[]> {
  writeFileSync(join(root, 'a.parquet'), table);
  const found: string[] = [];
  for await (const document of readDocuments('a.parquet', { root })) found.push(document.text);
  return found;
}

const GROUPS = [
  { text: ['one', 'zwei', 'trés'], year: [2001, 2002, 2003] },
  { text: ['four'], year: [2004] },
];

describe('Parquet', () => {
  it.each([false, true])('rows of all row groups in order (gzip: %s)', async (gzip) => {
    writeFileSync(join(root, 'a.parquet'), parquet({ groups: GROUPS, gzip }));
    const records: unknown[] = [];
    for await (const record of readRecords('a.parquet', { root })) records.push(record);
    expect(records).toEqual([
      { fields: { text: 'one', year: 2001 }, source: 'a.parquet', index: 0 },
      { fields: { text: 'zwei', year: 2002 }, source: 'a.parquet', index: 1 },
      { fields: { text: 'trés', year: 2003 }, source: 'a.parquet', index: 2 },
      { fields: { text: 'four', year: 2004 }, source: 'a.parquet', index: 3 },
    ]);
  });

  it('gives documents an id by their row, and 64-bit integers exactly', async () => {
    const table = parquet({ groups: [{ text: ['a', 'b'], year: [1, 2 ** 60] }] });
    writeFileSync(join(root, 'a.parquet'), table);
    const documents: unknown[] = [];
    for await (const document of readDocuments('a.parquet', { root })) documents.push(document);
    expect(documents).toMatchObject([
      { id: 'a.parquet:0', metadata: { year: 1 } },
      { id: 'a.parquet:1', metadata: { year: '1152921504606846976' } },
    ]);
  });

  it.each([
    ['text that is not UTF-8', { groups: [{ text: [Uint8Array.of(0xff)], year: [1] }] }, /cannot be read/],
    ['more rows than there are', { groups: GROUPS, rowsClaimed: 1000 }, /row group/],
    ['absurdly many rows', { groups: GROUPS, rowsClaimed: 2 ** 40 }, /a row group of 1099511627776 rows/],
    ['an absurd page', { groups: GROUPS, gzip: true, pageBytesClaimed: 2 ** 31 - 1 }, /a page of 2147483647 bytes/],
  ])('refuses %s', async (_, table, message) => {
    await expect(texts(parquet(table))).rejects.toThrow(InputError);
    await expect(texts(parquet(table))).rejects.toThrow(message);
  });

  it('answers every cut and random damage with an InputError or with rows, and ends', async () => {
    const table = parquet({ groups: GROUPS, gzip: true });
    const damaged: Buffer[] = [];
    for (let size = 0; size < table.length; size += 3) damaged.push(table.subarray(0, size));
    const random = stream(1, 'damage');
    for (let i = 0; i < 300; i++) {
      const copy = Buffer.from(table);
      copy[random.below(copy.length)] = random.below(256);
      damaged.push(copy);
    }
    for (const bytes of damaged) {
      const error = await texts(bytes).then(
        () => undefined,
        (caught: unknown) => caught,
      );
      if (error !== undefined) expect(error).toBeInstanceOf(InputError);
    }
  });
});
