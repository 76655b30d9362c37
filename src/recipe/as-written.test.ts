import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { InputError, UsageError } from '../errors.ts';
import { asWritten } from './as-written.ts';

const root = join(process.cwd(), 'runs', 'mine');
const rewritten = (field: string, fix = 'None.') => {
  const error = asWritten(new InputError({ field, found: 'x', expected: 'y', fix }), { root });
  if (!(error instanceof InputError)) throw new Error('another kind of error');
  return error.problem;
};

it('shows paths from the working folder, or whole where they lead elsewhere', () => {
  expect(rewritten('data.chat: ../../d/my file.jsonl, line 1').field).toBe('data.chat: d/my file.jsonl, line 1');
  expect(rewritten('data.chat: ../other/d.jsonl').field).toBe('data.chat: runs/other/d.jsonl');
  expect(rewritten('data.chat: ../../../d.jsonl').field).toBe(`data.chat: ${join(dirname(process.cwd()), 'd.jsonl')}`);
  expect(rewritten(join(process.cwd(), 'base', 'config.json')).field).toBe('base/config.json');
  expect(rewritten('/elsewhere/config.json').field).toBe('/elsewhere/config.json');
  expect(rewritten('x', `Check the path; it is relative to ${root}.`).fix).toBe(
    'Check the path; it is relative to the folder of the recipe.',
  );
});

it('says where the field was written, as far as it is known', () => {
  const placeOf = (field: string) => (field.startsWith('data.chat') ? 'mine.yaml, line 6, column 3' : undefined);
  const told = (field: string) => {
    const error = asWritten(new UsageError({ field, found: 'x', expected: 'y', fix: 'z' }), { root, placeOf });
    return (error as UsageError).problem.field;
  };
  expect(told('data.chat: ../../d/a.jsonl, line 1')).toBe('mine.yaml, line 6, column 3: data.chat: d/a.jsonl, line 1');
  expect(told('threads')).toBe('threads');
});

it('leaves other errors and other dots alone', () => {
  expect(rewritten('models/../x').field).toBe('models/../x');
  const fault = new Error('ours');
  expect(asWritten(fault, { root })).toBe(fault);
  const usage = asWritten(new UsageError({ field: '../../a', found: '', expected: '', fix: '' }), { root });
  expect(usage).toBeInstanceOf(UsageError);
  expect(usage).toMatchObject({ exitCode: 2, problem: { field: 'a' } });
});
