import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import type { Document } from './document.ts';
import { type ReadDocumentsOptions, readDocuments } from './read-documents.ts';
import { readRecords } from './read-records.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'readers-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), content);
}

async function read(sources: string | string[], options: ReadDocumentsOptions = {}) {
  const reading = readDocuments(sources, { root, ...options });
  const documents: Document[] = [];
  for await (const document of reading) documents.push(document);
  return { documents, texts: documents.map((d) => d.text), report: reading.report };
}

/** The error's message, so that tests show what people will read. */
async function refusal(sources: string | string[], options: ReadDocumentsOptions = {}): Promise<string> {
  const error = await read(sources, options).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).message;
}

describe('formats', () => {
  it('JSON Lines: ids, lines, metadata, blank lines, CRLF, a byte order mark, no newline at the end', async () => {
    write('a.jsonl', '\ufeff{"id":"x","text":"one","year":2020}\r\n\r\n{"id":7,"text":"two"}\n{"text":"three"}');
    const { documents, report } = await read('a.jsonl');
    expect(documents).toEqual([
      { id: 'x', text: 'one', source: 'a.jsonl', line: 1, metadata: { id: 'x', year: 2020 } },
      { id: '7', text: 'two', source: 'a.jsonl', line: 3, metadata: { id: 7 } },
      { id: 'a.jsonl:4', text: 'three', source: 'a.jsonl', line: 4, metadata: {} },
    ]);
    expect(report).toEqual({ files: 1, records: 3, skipped: 0, problems: [], empty: 0, ignored: [] });
  });

  it('gzip, also of several members', async () => {
    write('a.jsonl.gz', Buffer.concat([gzipSync('{"text":"one"}\n'), gzipSync('{"text":"two"}\n')]));
    write('b.txt.gz', gzipSync('three'));
    write('c.csv.gz', gzipSync('text\nfour\n'));
    write('d.json.gz', gzipSync('[{"text":"five"}]'));
    expect((await read('.')).texts).toEqual(['one', 'two', 'three', 'four', 'five']);
  });

  it('lines longer than any chunk', async () => {
    const long = 'é'.repeat(400_000);
    write('a.jsonl', `{"text":"${long}"}\n{"text":"b"}\n`);
    write('b.json', `[{"text":"${long}"},\n{"text":"d"}]`);
    expect((await read('.')).texts).toEqual([long, 'b', long, 'd']);
  });

  it('JSON arrays, with brackets and quotes inside strings', async () => {
    const texts = [
      'a ] } , { [',
      'one " and }, { ], then',
      'ends with \\',
      'quote " and \\ and \\" done',
      'é\u2028\n',
      '{"nested": [1]}',
    ];
    write('a.json', JSON.stringify(texts.map((text) => ({ text, list: [[1], { a: '}' }] }))));
    write(
      'b.json',
      JSON.stringify(
        texts.map((text) => ({ text })),
        undefined,
        2,
      ),
    );
    const { documents } = await read('.');
    expect(documents.map((d) => d.text)).toEqual([...texts, ...texts]);
    expect(documents.slice(6).map((d) => d.line)).toEqual([2, 5, 8, 11, 14, 17]);
  });

  it('JSON Lines under the ending .json', async () => {
    write('a.json', '{"text":"one"}\n{"text":"two"}\n');
    expect((await read('a.json')).texts).toEqual(['one', 'two']);
  });

  it('text as a file, paragraphs or lines', async () => {
    write('a.txt', 'one\ntwo\n\n \nthree\n');
    expect((await read('a.txt')).texts).toEqual(['one\ntwo\n\n \nthree']);
    const paragraphs = (await read('a.txt', { textUnit: 'paragraph' })).documents;
    expect(paragraphs.map((d) => [d.text, d.line])).toEqual([
      ['one\ntwo', 1],
      ['three', 5],
    ]);
    const lines = (await read('a.txt', { textUnit: 'line' })).documents;
    expect(lines.map((d) => [d.text, d.id])).toEqual([
      ['one', 'a.txt:1'],
      ['two', 'a.txt:2'],
      ['three', 'a.txt:5'],
    ]);
  });

  it('CSV with quotes, line breaks in cells, an unnamed index and a byte order mark; TSV', async () => {
    write('a.csv', '\ufeff,text,label\n0,"a, ""b""\nc",1\n\n1,d,0\n');
    write('b.tsv', 'text\tn\ne,f\t1\n');
    const { documents } = await read('.');
    expect(documents).toEqual([
      { id: 'a.csv:2', text: 'a, "b"\nc', source: 'a.csv', line: 2, metadata: { column_0: '0', label: '1' } },
      { id: 'a.csv:5', text: 'd', source: 'a.csv', line: 5, metadata: { column_0: '1', label: '0' } },
      { id: 'b.tsv:2', text: 'e,f', source: 'b.tsv', line: 2, metadata: { n: '1' } },
    ]);
  });

  it('keys that would reach a prototype stay data', async () => {
    write('a.jsonl', '{"text":"x","__proto__":{"polluted":1}}\n');
    write('b.csv', 'text,__proto__\ny,z\n');
    const { documents } = await read('.');
    for (const { metadata } of documents) {
      expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
      expect(Object.hasOwn(metadata, '__proto__')).toBe(true);
    }
    expect('polluted' in {}).toBe(false);
  });

  it('records of any shape, without a text field', async () => {
    write('a.jsonl', '{"prompt":"p","chosen":"c"}\n');
    const records = readRecords('a.jsonl', { root });
    for await (const record of records) {
      expect(record).toEqual({ fields: { prompt: 'p', chosen: 'c' }, source: 'a.jsonl', line: 1, index: 0 });
    }
    expect(records.report.records).toBe(1);
  });
});

describe('sources', () => {
  beforeEach(() => {
    for (const name of ['b.txt', 'a.txt', 'sub/z.txt', 'sub/deep/y.txt', '.hidden/x.txt', 'sub/.h.txt', 'B.txt'])
      write(name, name);
    write('sub/readme.md', 'not data');
  });

  it('folders: all levels, sorted by code units, without hidden files; others are told', async () => {
    const { texts, report } = await read('.');
    expect(texts).toEqual(['B.txt', 'a.txt', 'b.txt', 'sub/deep/y.txt', 'sub/z.txt']);
    expect(report.ignored).toEqual(['sub/readme.md']);
  });

  it('patterns, several sources in the order given, each file once', async () => {
    expect((await read('sub/**/*.txt')).texts).toEqual(['sub/deep/y.txt', 'sub/z.txt']);
    expect((await read(['{b,a}.txt'])).texts).toEqual(['a.txt', 'b.txt']);
    expect((await read(['sub/z.txt', 'b.txt', '*.txt', './sub/../b.txt'])).texts).toEqual([
      'sub/z.txt',
      'b.txt',
      'B.txt',
      'a.txt',
    ]);
    expect((await read(join(root, 'sub', '*.txt'))).texts).toEqual(['sub/z.txt']);
  });

  it('links in a circle end', async () => {
    // Followed again and again, three links would be 3^40 paths.
    for (const name of ['loop', 'loop2', 'loop3']) symlinkSync(root, join(root, 'sub', name));
    symlinkSync(join(root, 'b.txt'), join(root, 'sub', 'same.txt'));
    expect((await read('.')).texts).toEqual(['B.txt', 'a.txt', 'b.txt', 'sub/deep/y.txt', 'sub/z.txt']);
  });

  it('missing, unknown and empty sources are named', async () => {
    mkdirSync(join(root, 'empty'));
    expect(await refusal('nowhere.txt')).toMatch(/^nowhere\.txt: found no such file or folder/);
    expect(await refusal('sub/readme.md')).toMatch(/^sub\/readme\.md: found a file of unknown format/);
    expect(await refusal('empty')).toMatch(/^empty: found no data files/);
    expect(await refusal(['b.txt', '*.parquet'])).toMatch(/^\*\.parquet: found no data files/);
  });

  it.runIf(process.getuid?.() !== 0)('a file that may not be read is named', async () => {
    chmodSync(join(root, 'a.txt'), 0);
    expect(await refusal('.')).toMatch(/^a\.txt: found EACCES/);
  });
});

describe('bad input', () => {
  it('names the line of a broken record among many, and offers to skip', async () => {
    const lines = Array.from({ length: 70_400 }, (_, i) => `{"text":"t${i}"}`);
    lines[70_311] = '{"text":"torn';
    write('big.jsonl', lines.join('\n'));
    expect(await refusal('big.jsonl')).toBe(
      'big.jsonl, line 70,312: found "{\\"text\\":\\"torn", which is not JSON, expected a JSON object. ' +
        "Correct it, or set onBadLine to 'skip' to leave such records out and have them counted.",
    );
    const { texts, report } = await read('big.jsonl', { onBadLine: 'skip' });
    expect(texts.length).toBe(70_399);
    expect(report).toMatchObject({ records: 70_399, skipped: 1 });
    expect(report.problems[0].field).toBe('big.jsonl, line 70,312');
  });

  it.each([
    ['a.jsonl', '', /^a\.jsonl: found an empty file.*Fetch or write the file again/],
    ['a.jsonl', '\n\n', /^a\.jsonl: found an empty file.*Fetch or write the file again/],
    ['a.txt', '', /found an empty file/],
    ['a.csv', '', /found an empty file/],
    ['a.csv', 'text,b\n', /found an empty file/],
    ['a.parquet', '', /found an empty file/],
    ['a.jsonl', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 0, 1), /line 1: found binary data/],
    ['a.txt', Uint8Array.of(0xff, 0xfe, 0x41, 0), /line 1: found UTF-16 text/],
    ['a.jsonl', gzipSync('{"text":"x"}'), /line 1: found gzip data without the ending \.gz/],
    ['a.parquet', 'PAR1 and nothing else', /found other data, or a file cut short/],
    ['a.parquet', 'PAR1PAR1', /found 8 bytes/],
    ['a.parquet', 'PAR1\xff\xff\xff\x7fPAR1'.repeat(3), /found a footer of \d+ bytes|found other data/],
    ['a.jsonl', Buffer.from('{"text":"a"}\n{"text":"\xff"}\n', 'latin1'), /line 2: found bytes that are not UTF-8/],
    ['a.txt', Buffer.from('fine\n\xe9t\xe9', 'latin1'), /line 2: found bytes that are not UTF-8/],
    ['a.csv', Buffer.from('text\na\n\xe9\n', 'latin1'), /line 3: found bytes that are not UTF-8/],
    ['a.json', Buffer.from('[{"text":"a"},\n{"text":"\xff"}]', 'latin1'), /line 2: found bytes that are not UTF-8/],
    ['a.jsonl', '{"text":"a"}\n[1]\n', /line 2: found an array, expected a JSON object/],
    ['a.jsonl', '{"text":"a"}\nnull\n', /line 2: found null/],
    ['a.jsonl', '{"text":"a"}\n{"body":"b","n":1}\n', /line 2: found no field 'text' among 'body', 'n'.*Set textField/],
    ['a.jsonl', '{"text":"a"}\n{"text":5}\n', /line 2: found a number in 'text'/],
    ['a.jsonl', '{"text":"a"}\n{"text":null}\n', /line 2: found null in 'text'/],
    ['a.jsonl', '{"text":"a"}\n{"text":"\\ud800"}\n', /line 2: found half of a surrogate pair/],
    ['a.json', '[{"text":"a"},\n{"text":"b"', /line 2: found the end of the file inside the array/],
    ['a.json', '[{"text":"a"},\n]', /line 2: found a comma without an element/],
    ['a.json', '[{"text":"a"}]\n[]', /line 2: found more after the end/],
    ['a.json', '[{"text":"a"}\n}, 1]', /line 2: found '}' too many/],
    ['a.json', '[{"text":"a"},\n{"text" "b"}]', /line 2: found .* which is not JSON/],
    ['a.json', '"text"', /line 1: found a file that starts with '"'/],
    ['a.json', '  \n', /found nothing but white space/],
    ['a.csv', 'text,label\na,1\nb\n', /line 3: found a row with another number of cells/],
    ['a.csv', 'text,label\na,1\nb,"x\ny\n', /found a quoted cell that is never closed/],
    ['a.csv', 'text,text\na,1\n', /line 1: found the column 'text' twice/],
    ['a.csv', 'text\na"b\n', /line 2: found a quote in the wrong place/],
  ])('%s with %j', async (name, content, message) => {
    write(name, content);
    expect(await refusal(name)).toMatch(message);
    // Beside a good file it can be skipped, and is counted.
    write('good.txt', 'good');
    const { texts, report } = await read([name, 'good.txt'], { onBadLine: 'skip' });
    expect(texts.at(-1)).toBe('good');
    expect(report.skipped).toBe(1);
  });

  it('keeps good rows around bad ones when skipping', async () => {
    write('a.csv', Buffer.from('text,n\na,1\nb\n\xff,1\nc,2\nd"x,1\ne,3\n', 'latin1'));
    const { texts, report } = await read('a.csv', { onBadLine: 'skip' });
    expect(texts).toEqual(['a', 'c', 'e']);
    expect(report.skipped).toBe(3);
  });

  it('fails if skipping leaves nothing', async () => {
    write('a.jsonl', '{"body":"b"}\n{"body":"c"}\n');
    expect(await refusal('a.jsonl', { onBadLine: 'skip' })).toMatch(
      /line 1: found nothing that can be read \(2 skipped, the first for no field 'text'/,
    );
    expect((await read('a.jsonl', { textField: 'body' })).texts).toEqual(['b', 'c']);
  });

  it('leaves out and counts texts of white space', async () => {
    write('a.jsonl', '{"text":" \\n"}\n{"text":"a"}\n');
    expect(await read('a.jsonl')).toMatchObject({ texts: ['a'], report: { records: 2, empty: 1, skipped: 0 } });
  });

  it('bounds the length of a record', async () => {
    const limits = { maxRecordBytes: 1000 };
    const long = 'x'.repeat(1_000_000);
    write('a.jsonl', `{"text":"a"}\n{"text":"${long}"}\n{"text":"b"}\n`);
    expect(await refusal('a.jsonl', { limits })).toMatch(/^a\.jsonl, line 2: found more than 1000 bytes/);
    expect((await read('a.jsonl', { limits, onBadLine: 'skip' })).texts).toEqual(['a', 'b']);
    write('b.jsonl', `{"text":"a"}\n${long}`);
    expect(await refusal('b.jsonl', { limits })).toMatch(/line 2: found more than 1000 bytes/);
    write('c.json', `[{"text":"a"},\n{"text":"${long}"}]`);
    expect(await refusal('c.json', { limits })).toMatch(/line 2: found an element over 1000 bytes/);
    write('d.csv', `text\na\n"${long}`);
    expect(await refusal('d.csv', { limits })).toMatch(/found a row over the limit/);
    write('e.txt', 'line\n'.repeat(1000));
    expect(await refusal('e.txt', { limits })).toMatch(/found a text over 1000 bytes/);
    expect((await read('e.txt', { limits, textUnit: 'line' })).texts.length).toBe(1000);
  });

  it('stops unpacking a gzip bomb, by ratio and by size', async () => {
    write('bomb.jsonl.gz', gzipSync(Buffer.alloc(100 * 2 ** 20, `${' '.repeat(9999)}\n`)));
    expect(await refusal('bomb.jsonl.gz')).toMatch(/^bomb\.jsonl\.gz: found \d+ bytes unpacked from the first \d+/);
    write('large.jsonl.gz', gzipSync('{"text":"a"}\n'.repeat(50_000)));
    expect(await refusal('large.jsonl.gz', { limits: { maxUnpackedBytes: 1000 } })).toMatch(/bytes unpacked from/);
  });

  it('names damaged gzip data and keeps what precedes it when skipping', async () => {
    const packed = gzipSync(Array.from({ length: 50_000 }, (_, i) => `{"text":"${i * 7919}"}\n`).join(''));
    write('torn.jsonl.gz', packed.subarray(0, packed.length - 5000));
    expect(await refusal('torn.jsonl.gz')).toMatch(/found damaged gzip data after \d+ bytes/);
    const { texts, report } = await read('torn.jsonl.gz', { onBadLine: 'skip' });
    expect(texts.length).toBeGreaterThan(10_000);
    expect(report.skipped).toBe(1);
  });

  it('can be stopped by a signal and by leaving the loop', async () => {
    write('a.csv', `text\n${'a\n'.repeat(200_000)}`);
    const controller = new AbortController();
    const reading = readDocuments('a.csv', { root, signal: controller.signal })[Symbol.asyncIterator]();
    await reading.next();
    controller.abort();
    await expect(reading.next()).rejects.toThrow(/abort/i);
    for await (const document of readDocuments('a.csv', { root })) {
      expect(document.text).toBe('a');
      break;
    }
  });
});
