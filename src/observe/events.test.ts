import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { openEventLog, readEvents } from './events.ts';

let folder: string;
let path: string;
const now = () => new Date('2026-01-02T03:04:05.678Z');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'events-'));
  path = join(folder, 'run', 'events.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Two stages of five steps, as one uninterrupted run writes them. */
function writeRun(steps = 5): string {
  const log = openEventLog(path, { now });
  log.append('prepare', 7, { documents: 12 });
  for (let step = 1; step <= steps; step++) log.append('train', step, { loss: 4 / step, lr: 1e-3 });
  log.sync();
  log.close();
  return readFileSync(path, 'utf8');
}

describe('event log', () => {
  it('reads back what was appended, in order', () => {
    writeRun(2);
    const time = '2026-01-02T03:04:05.678Z';
    expect([...readEvents(path)]).toEqual([
      { stage: 'prepare', step: 7, metric: 'documents', value: 12, time },
      { stage: 'train', step: 1, metric: 'loss', value: 4, time },
      { stage: 'train', step: 1, metric: 'lr', value: 1e-3, time },
      { stage: 'train', step: 2, metric: 'loss', value: 2, time },
      { stage: 'train', step: 2, metric: 'lr', value: 1e-3, time },
    ]);
  });

  it('keeps values that JSON does not have, text, and line breaks inside text', () => {
    const values = {
      a: Number.NaN,
      b: Number.POSITIVE_INFINITY,
      c: Number.NEGATIVE_INFINITY,
      d: 'x\ny\u2028z',
      e: -0.5,
    };
    const log = openEventLog(path);
    log.append('s', 0, values);
    log.close();
    expect(Object.fromEntries([...readEvents(path)].map((e) => [e.metric, e.value]))).toEqual(values);
  });

  it('appends to an existing log', () => {
    const whole = writeRun(3);
    rmSync(path);
    writeRun(2);
    const log = openEventLog(path, { now });
    log.append('train', 3, { loss: 4 / 3, lr: 1e-3 });
    log.close();
    expect(readFileSync(path, 'utf8')).toBe(whole);
  });

  it('drops the events after the resumed step, of that stage only', () => {
    const whole = writeRun(5);
    const log = openEventLog(path, { now, resume: { stage: 'train', step: 3 } });
    expect([...readEvents(path)].map((e) => [e.stage, e.step])).toEqual([
      ['prepare', 7],
      ...[1, 1, 2, 2, 3, 3].map((step) => ['train', step]),
    ]);
    for (let step = 4; step <= 5; step++) log.append('train', step, { loss: 4 / step, lr: 1e-3 });
    log.close();
    expect(readFileSync(path, 'utf8')).toBe(whole);
  });

  it('survives a tear at every byte: whole lines stay, and the resumed log equals the uninterrupted one', () => {
    const whole = writeRun(3);
    for (let size = 0; size <= Buffer.byteLength(whole); size++) {
      writeFileSync(path, whole);
      truncateSync(path, size);
      const complete = whole.slice(0, whole.slice(0, size).lastIndexOf('\n') + 1);
      expect([...readEvents(path)].length).toBe(complete.split('\n').length - 1);
      const log = openEventLog(path, { now, resume: { stage: 'train', step: 1 } });
      if (complete === '') log.append('prepare', 7, { documents: 12 });
      log.close();
      expect(whole.startsWith(readFileSync(path, 'utf8'))).toBe(true);
    }
  });

  it('forgives zeros after the last line, as a lost disk cache leaves them', () => {
    const whole = writeRun(2);
    appendFileSync(path, Buffer.alloc(5000));
    openEventLog(path).close();
    expect(readFileSync(path, 'utf8')).toBe(whole);
  });

  it('refuses a broken line in the middle, and leaves the file as it was', () => {
    const damaged = `${writeRun(2).replace('"step":1,', '"step":1;')}`;
    writeFileSync(path, damaged);
    expect(() => [...readEvents(path)]).toThrow(InputError);
    expect(() => openEventLog(path)).toThrow(/events\.jsonl, line 2: found a line that is not an event/);
    expect(readFileSync(path, 'utf8')).toBe(damaged);
    expect(existsSync(`${path}.tmp`)).toBe(false);
  });

  it('does not hold an endless line in memory as one', () => {
    writeFileSync(path.replace('/run', ''), `${'x'.repeat(5_000_000)}\n`);
    expect([...readEvents(path.replace('/run', ''))]).toEqual([]);
  });

  it('refuses a step that is not a count', () => {
    const log = openEventLog(path);
    expect(() => log.append('s', -1, { a: 1 })).toThrow();
    expect(() => log.append('s', Number.NaN, { a: 1 })).toThrow();
    log.close();
  });
});
