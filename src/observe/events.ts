/**
 * The event log of a run, `events.jsonl`: one JSON object a line, append-only.
 *
 *     {"step":120,"stage":"cpt","metric":"loss","value":3.4021,"time":"2026-01-31T09:30:00.000Z"}
 *
 * JSON has no NaN and no infinities, and a diverging loss is the event one wants to see: they are written as the strings
 * "NaN", "Infinity" and "-Infinity", and read back as numbers.
 *
 * A crash can tear the last line, and a run resumed from a checkpoint repeats steps that were already logged. Opening the
 * log repairs both: the torn tail goes, and so do the stage's events after the step that it resumes from, so that a resumed
 * run leaves the log that an uninterrupted one would have left.
 */

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '../errors.ts';
import { explainDiskFull } from '../files/disk-space.ts';

export interface RunEvent {
  /** Optimiser step of the stage, or any other count that only grows. */
  readonly step: number;
  readonly stage: string;
  readonly metric: string;
  readonly value: number | string;
  /** ISO 8601, in UTC. */
  readonly time: string;
  /** Name of the result that it tells of: a stage that is changed begins another one. */
  readonly result?: string;
}

export interface EventLogOptions {
  /** Goes into every event that is appended. */
  readonly result?: string;
  /**
   * The stage and step of the checkpoint that the run continues from: that stage's later events are dropped, or, with a
   * result, those of that result.
   */
  readonly resume?: { readonly stage: string; readonly step: number };
  readonly now?: () => Date;
}

export interface EventLog {
  /** Writes one event per metric, all with the same step, stage and time, in a single write. */
  append(stage: string, step: number, metrics: Readonly<Record<string, number | string>>): void;
  /** Forces what was appended to the disk; call it beside saving a checkpoint. */
  sync(): void;
  close(): void;
}

const NEWLINE = 0x0a;
const MAX_LINE_BYTES = 2 ** 20;
const READ_BYTES = 2 ** 16;

/**
 * Opens a log for appending, made with its folder if missing and repaired otherwise.
 * Throws an `InputError` when a line other than the last ones is not an event.
 */
export function openEventLog(path: string, { result, resume, now = () => new Date() }: EventLogOptions = {}): EventLog {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path)) repair(path, { result, resume });
  const file = openSync(path, 'a');
  return {
    append(stage, step, metrics) {
      if (!Number.isInteger(step) || step < 0) throw new Error(`event step ${step} is not a non-negative integer`);
      const time = now().toISOString();
      const lines = Object.entries(metrics).map(([metric, value]) =>
        formatEvent({ step, stage, metric, value, time, result }),
      );
      try {
        writeAll(file, Buffer.from(lines.join('')));
      } catch (error) {
        throw explainDiskFull(path, error);
      }
    },
    sync: () => fsyncSync(file),
    close: () => closeSync(file),
  };
}

/**
 * The events of a log in the order they were written; a torn tail is left out, since the run may still be writing it.
 * Throws an `InputError` when any other line is not an event.
 */
export function* readEvents(path: string): Generator<RunEvent> {
  for (const { event } of intactLines(path)) yield event;
}

/** Rewrites the log without its torn tail and without the events that a resumed stage will write again. */
function repair(path: string, { result, resume }: Pick<EventLogOptions, 'result' | 'resume'>): void {
  const temporary = `${path}.tmp`;
  const kept = openSync(temporary, 'w');
  try {
    for (const { event, bytes } of intactLines(path)) {
      const isOurs = result === undefined ? event.stage === resume?.stage : event.result === result;
      const repeated = resume !== undefined && isOurs && event.step > resume.step;
      if (!repeated) writeAll(kept, bytes);
    }
    fsyncSync(kept);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(kept);
  }
  renameSync(temporary, path);
}

interface EventLine {
  readonly event: RunEvent;
  /** The line with its newline. */
  readonly bytes: Buffer;
}

/** Lines that are events. What is not is forgiven at the end of the file only: a crash can leave a torn line or zeros. */
function* intactLines(path: string): Generator<EventLine> {
  let broken = 0;
  let number = 0;
  for (const bytes of lines(path)) {
    number++;
    const event = parseEvent(bytes);
    if (event === undefined) {
      broken ||= number;
    } else if (broken > 0) {
      throw new InputError({
        field: `${path}, line ${broken}`,
        found: 'a line that is not an event',
        expected: '{"step", "stage", "metric", "value", "time"} as JSON on every line but the last',
        fix: 'Remove that line, or move the file away to start a new log.',
      });
    } else {
      yield { event, bytes };
    }
  }
}

/** Lines with their newline; a last one without it comes without it, and an endless one in pieces. */
function* lines(path: string): Generator<Buffer> {
  const file = openSync(path, 'r');
  const chunk = Buffer.alloc(READ_BYTES);
  let rest = Buffer.alloc(0);
  try {
    for (let count = readSync(file, chunk); count > 0; count = readSync(file, chunk)) {
      rest = Buffer.concat([rest, chunk.subarray(0, count)]);
      let start = 0;
      for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, start)) {
        yield rest.subarray(start, end + 1);
        start = end + 1;
      }
      rest = rest.subarray(start);
      if (rest.length > MAX_LINE_BYTES) {
        yield rest;
        rest = Buffer.alloc(0);
      }
    }
    if (rest.length > 0) yield rest;
  } finally {
    closeSync(file);
  }
}

const NON_FINITE = new Map([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((v) => [String(v), v]));

function formatEvent({ step, stage, metric, value, time, result }: RunEvent): string {
  const written = typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return `${JSON.stringify({ step, stage, metric, value: written, time, result })}\n`;
}

/** `undefined` for anything but one complete event and its newline. */
function parseEvent(bytes: Buffer): RunEvent | undefined {
  if (bytes.at(-1) !== NEWLINE) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { step, stage, metric, value, time, result } = parsed as Partial<Record<keyof RunEvent, unknown>>;
  if (typeof step !== 'number' || typeof stage !== 'string') return undefined;
  if (typeof metric !== 'string' || typeof time !== 'string') return undefined;
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const read = typeof value === 'string' ? (NON_FINITE.get(value) ?? value) : value;
  return { step, stage, metric, value: read, time, ...(typeof result === 'string' && { result }) };
}

function writeAll(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}
