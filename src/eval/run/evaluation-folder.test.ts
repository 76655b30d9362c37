import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ItemResponses, Task } from '../tasks/task.ts';
import { fileOfTask, openEvaluationFolder, readEvaluationRecord } from './evaluation-folder.ts';
import { openRecords } from './record-store.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-evaluation-'));
});
afterEach(() => rm(root, { recursive: true }));

const model = { name: 'nano', identity: 'abc' };
const task = (name: string, hash = 'f00d'): Task => ({ name, version: '1', hash }) as unknown as Task;
const settings = { seed: 1, limit: 10 };

describe('the folder of an evaluation', () => {
  it('goes on with the same evaluation, also with more items', async () => {
    const first = await openEvaluationFolder(join(root, 'new'), model, [task('a'), task('b')], settings);
    await first.close('interrupted');
    const again = { ...settings, limit: 20 };
    const second = await openEvaluationFolder(first.path, model, [task('b'), task('a')], again);
    await second.write('results.json', '{}');
    await second.close('done');
    const record = await readEvaluationRecord(first.path);
    expect(record).toMatchObject({ model, settings: again, state: 'done', started: first.record.started });
    expect(await readFile(join(first.path, 'results.json'), 'utf8')).toBe('{}');
  });

  it.each([
    ['another model', { ...model, identity: 'other' }, [task('a')], settings, 'an evaluation of another model, nano'],
    ['another setting', model, [task('a')], { ...settings, seed: 2 }, 'with seed 1, expected one with seed 2'],
    ['a setting more', model, [task('a')], { ...settings, chat: true }, 'with no chat, expected one with chat true'],
    ['another task', model, [task('b')], settings, 'an evaluation with the task a 1 (f00d)'],
    ['a task more', model, [task('a'), task('b')], settings, 'an evaluation without the task b 1'],
    ['another definition of the task', model, [task('a', 'beef')], settings, 'with the task a 1 (f00d)'],
  ])('refuses %s', async (_, other, tasks, changed, message) => {
    await (await openEvaluationFolder(root, model, [task('a')], settings)).close('done');
    await expect(openEvaluationFolder(root, other, tasks, changed)).rejects.toThrow(message);
    // Whoever is refused lets go.
    await (await openEvaluationFolder(root, model, [task('a')], settings)).close('done');
  });

  it('refuses a folder with other things in it, and a second evaluation at the same time', async () => {
    await writeFile(join(root, 'notes.txt'), '');
    await expect(openEvaluationFolder(root, model, [], settings)).rejects.toThrow(/other things in it \(notes.txt\)/);
    await rm(join(root, 'notes.txt'));
    const open = await openEvaluationFolder(root, model, [], settings);
    await expect(openEvaluationFolder(root, model, [], settings)).rejects.toThrow(/under way/);
    await open.close('done');
  });

  it.each(['', '{', '[]', '{"model":{}}'])('tells what is wrong with %j as evaluation.json', async (text) => {
    await writeFile(join(root, 'evaluation.json'), text);
    await expect(readEvaluationRecord(root)).rejects.toThrow(/evaluation.json: found/);
    await expect(readEvaluationRecord(join(root, 'nowhere'))).rejects.toThrow(/no evaluation.json/);
  });

  it.each([
    ['mmlu', 'mmlu.jsonl'],
    ['../../etc/passwd', '_._.._etc_passwd.jsonl'],
    ['.hidden', '_hidden.jsonl'],
    ['税 a/b', '__a_b.jsonl'],
  ])('keeps the task %j in the folder, as %s', (name, file) => expect(fileOfTask(name)).toBe(file));
});

describe('records', () => {
  const responses = (text: string): ItemResponses => ({
    continuations: [{ ok: true, value: [{ logProbability: -1.5, tokens: 2, greedy: false, cleanBorder: true }] }],
    texts: [],
    answers: [{ ok: true, value: { text, finishReason: 'stop', tokens: 3 } }],
  });
  const requests = { continuations: [], texts: [], answers: [] };
  const file = () => join(root, 'items', 'a.jsonl');

  it('keeps all that was answered, and nothing torn, failed or strange', async () => {
    const first = await openRecords(file());
    first.append({ key: 'k1', id: '1', requests, responses: responses('one \u2028 line') });
    first.append({ key: 'k2', id: '2', requests, responses: responses('two') });
    const failure = { ok: false, failure: { kind: 'timeout', reason: 'no answer' } } as const;
    first.append({ key: 'k3', id: '3', requests, responses: { ...requests, answers: [failure] } });
    first.close();
    await appendFile(file(), '{"key":"k4","id":"4","responses":{"continuations":"none"}}\n{"key":"k5","id":"5","resp');
    const second = await openRecords(file());
    expect(second.responses('k1')).toEqual(responses('one \u2028 line'));
    expect(second.responses('k2')).toEqual(responses('two'));
    for (const key of ['k3', 'k4', 'k5', 'k6']) expect(second.responses(key)).toBeUndefined();
    second.append({ key: 'k6', id: '6', requests, responses: responses('six') });
    second.close();
    const third = await openRecords(file());
    expect([third.responses('k1'), third.responses('k6')]).toEqual([responses('one \u2028 line'), responses('six')]);
    third.close();
  });
});
