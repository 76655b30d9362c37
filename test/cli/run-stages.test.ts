/** `finery run` with more than one stage: documents and conversations together, tasks, an export, and a death in between. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { outlookFiles, outlookRecipe, tinyRecipe } from '../support/tiny-recipe.ts';
import { finery, outcomeOf, startFinery } from './finery.ts';

// Every command begins a process, which a loaded machine takes its time for.
vi.setConfig({ testTimeout: 240_000 });

let cwd: string;
const at = (...names: string[]): string => join(cwd, ...names);
const options = () => ({ cwd, env: { XDG_CACHE_HOME: at('cache'), NO_COLOR: '1' } });
const run = (...words: string[]) => finery(['run', ...words], options());

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'finery-run-stages-'));
  for (const [name, text] of Object.entries(outlookFiles(6))) writeFileSync(at(name), text);
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe('a joint stage', () => {
  it('learns from documents and conversations, is asked, and is given away where the recipe says', async () => {
    const chat = (i: number) => ({
      prompt: `Is the outlook of firm ${i} bright?`,
      completion: 'It is bright and steady.',
    });
    writeFileSync(at('chats.jsonl'), Array.from({ length: 60 }, (_, i) => `${JSON.stringify(chat(i))}\n`).join(''));
    const { data, ...recipe } = outlookRecipe([
      {
        joint: {
          groups: [{ documents: ['outlook'], num_train_epochs: 2 }],
          batch: { rows: 4, length: 64 },
          learning_rate: 1e-2,
        },
      },
      { evaluate: { tasks: ['outlook.yaml'] } },
      { export: { dtype: 'f16', path: 'model-to-give' } },
    ]);
    const sets = {
      ...(data as object),
      chats: { conversations: { files: ['chats.jsonl'], held_out: { share: 0.2 } } },
    };
    writeFileSync(at('joint.yaml'), JSON.stringify({ ...recipe, name: 'joint', data: sets }));

    const { code, stdout, stderr } = await run('joint.yaml', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('error') });
    const { stages, measurements } = JSON.parse(stdout);
    expect(stages).toMatchObject([{ name: 'joint', epochs: { outlook: expect.any(Number), chats: 2 } }]);
    const values = measurements.map(({ tasks }: { tasks: { value: number }[] }) => tasks[0].value);
    expect(values).toEqual([0, 1]);
    expect(readdirSync(at('runs', 'joint', 'stages'))).toEqual(['00-base', '01-joint', '02-evaluate', '03-export']);
    const inspected = await finery(['inspect', 'model-to-give', '--weights', '--json'], options());
    expect(JSON.parse(inspected.stdout)).toMatchObject({
      problems: [],
      manifest: { whole: true },
      types: { f16: expect.any(Number) },
    });
  });
});

describe('a run that is killed in its second stage', () => {
  it('goes on in the middle of it, with the first as it was, and ends with the bits of a run that nobody touched', async () => {
    const cpt = (tokens: number) => ({
      tokens,
      batch: { rows: 2, length: 64 },
      learning_rate: 1e-3,
      evaluation: { every: null },
    });
    const recipe = tinyRecipe(
      {},
      {
        stages: [
          { name: 'first', cpt: cpt(4096) },
          { name: 'second', cpt: { ...cpt(150_000), checkpoints: { every_seconds: 0.1 } } },
        ],
      },
    );
    writeFileSync(at('killed.yaml'), JSON.stringify(recipe));
    const stage = (out: string, ...names: string[]) => at(out, 'stages', ...names);
    const checkpoints = stage('killed', '02-second', 'checkpoints');
    const saved = () =>
      existsSync(checkpoints) ? readdirSync(checkpoints).filter((name) => !name.startsWith('.')) : [];

    const child = startFinery(['run', 'killed.yaml', '--out', 'killed', '--quiet'], options());
    const ended = outcomeOf(child);
    while (saved().length === 0 && child.exitCode === null) await sleep(5);
    child.kill('SIGKILL');
    expect(await ended).toMatchObject({ signal: 'SIGKILL' });
    expect(existsSync(stage('killed', '02-second', 'finished.json'))).toBe(false);
    const first = readFileSync(stage('killed', '01-first', 'finished.json'));

    const again = await run('killed.yaml', '--out', 'killed');
    expect(again).toMatchObject({ code: 0 });
    expect(again.stderr).toContain('first: finished before');
    expect(again.stderr).not.toMatch(/second {2}1\//);
    expect(readFileSync(stage('killed', '01-first', 'finished.json')).equals(first)).toBe(true);
    expect(saved()).toEqual([]);

    expect(await run('killed.yaml', '--out', 'whole', '--quiet')).toMatchObject({ code: 0 });
    for (const name of ['01-first', '02-second']) {
      const weights = (out: string) => readFileSync(stage(out, name, 'checkpoint', 'model.safetensors'));
      expect(weights('killed').equals(weights('whole'))).toBe(true);
    }
    const steps = (out: string) =>
      readFileSync(at(out, 'events.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .filter(({ metric }) => metric === 'loss')
        .map(({ stage: name, step, value }) => [name, step, value]);
    expect(steps('killed')).toEqual(steps('whole'));
  });
});
