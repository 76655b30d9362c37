/** `finery run` as a user sees it: a recipe end to end with a model that takes seconds. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tinyRecipe } from '../support/tiny-recipe.ts';
import { finery, type Outcome, outcomeOf, startFinery } from './finery.ts';

// Every command begins a process, which a loaded machine takes its time for.
vi.setConfig({ testTimeout: 180_000 });

const recipe = tinyRecipe({
  tokens: 50_000,
  batch: { rows: 8, length: 64 },
  learning_rate: 3e-3,
  logging_steps: 7,
});

let cwd: string;
let whole: Outcome;
const start = (...words: string[]): ChildProcess =>
  startFinery(['run', 'tiny.yaml', ...words], { cwd, env: { XDG_CACHE_HOME: join(cwd, 'cache'), NO_COLOR: '1' } });
const run = (...words: string[]): Promise<Outcome> => outcomeOf(start(...words));
const at = (...names: string[]): string => join(cwd, ...names);
const stage = (name: string, ...names: string[]): string => at('runs', name, 'stages', '01-cpt', ...names);
const weights = (name: string): Buffer => readFileSync(stage(name, 'checkpoint', 'model.safetensors'));
const record = (name: string) => JSON.parse(readFileSync(at('runs', name, 'run.json'), 'utf8'));

/** The event log without what differs between any two runs: times. */
function events(name: string): readonly string[] {
  const lines = readFileSync(at('runs', name, 'events.jsonl'), 'utf8')
    .trim()
    .split('\n');
  return lines
    .map((line): Record<string, unknown> => ({ ...JSON.parse(line), time: undefined }))
    .filter(({ metric }) => metric !== 'tokens_per_second')
    .map((event) => JSON.stringify(event));
}

/** Interrupts the command when its talk matches. */
async function interruptAt(pattern: RegExp, child: ChildProcess): Promise<Outcome> {
  let talk = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    const before = pattern.test(talk);
    talk += chunk;
    if (!before && pattern.test(talk)) child.kill('SIGINT');
  });
  return outcomeOf(child);
}

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'finery-run-'));
  writeFileSync(at('tiny.yaml'), JSON.stringify(recipe));
  whole = await run();
}, 180_000);
afterAll(() => rmSync(cwd, { recursive: true }));

describe('finery run', () => {
  it('trains, measures, and leaves everything in the run folder', () => {
    expect(whole).toMatchObject({ code: 0 });
    expect(whole.stdout).toMatch(/^bits per byte +documents +base +cpt +change/);
    expect(whole.stdout).toMatch(/^finance +6 .* −\d/m);
    expect(whole.stderr).not.toContain('warning');
    const names = [
      'MODEL_CARD.md',
      'events.jsonl',
      'recipe.resolved.yaml',
      'report.html',
      'results',
      'run.json',
      'stages',
    ];
    expect(readdirSync(at('runs', 'tiny')).sort()).toEqual(names);
    expect(record('tiny')).toMatchObject({ state: 'done', sessions: 1 });
    const config = JSON.parse(readFileSync(stage('tiny', 'checkpoint', 'config.json'), 'utf8'));
    expect(config.architectures).toEqual(['LlamaForCausalLM']);
  });

  it('does nothing again that is done, and can print it as JSON', async () => {
    const before = statSync(stage('tiny', 'checkpoint', 'model.safetensors')).mtimeMs;
    const log = readFileSync(at('runs', 'tiny', 'events.jsonl'), 'utf8');
    const again = await run('--json');
    expect(again.code).toBe(0);
    const summary = JSON.parse(again.stdout);
    expect(summary.measurements.map((measurement: { at: string }) => measurement.at)).toEqual(['base', 'cpt']);
    expect(again.stderr).not.toMatch(/cpt +\d|measure finance/);
    expect(statSync(stage('tiny', 'checkpoint', 'model.safetensors')).mtimeMs).toBe(before);
    expect(readFileSync(at('runs', 'tiny', 'events.jsonl'), 'utf8')).toBe(log);
  });

  it('goes on after Ctrl-C with the bits and the log of a run that was not stopped', async () => {
    const stopped = await interruptAt(/cpt {2}1\//, start('--set', 'name=stopped'));
    expect(stopped).toMatchObject({ code: 130, stdout: '' });
    expect(stopped.stderr).toMatch(/interrupted: .*Step \d+ is saved/);
    expect(record('stopped').state).toBe('interrupted');
    expect(readdirSync(stage('stopped', 'checkpoints'))).toHaveLength(1);
    expect(existsSync(stage('stopped', 'finished.json'))).toBe(false);

    expect(await run('--set', 'name=stopped')).toMatchObject({ code: 0 });
    expect(record('stopped')).toMatchObject({ state: 'done', sessions: 2 });
    expect(weights('stopped').equals(weights('tiny'))).toBe(true);
    expect(events('stopped')).toEqual(events('tiny'));
  });

  it('saves when Ctrl-C comes while it measures, and measures again what it had begun to', async () => {
    // What is held out has no part in training: the weights are those of the other run.
    const slow = ['--set', 'name=measuring', '--set', 'data.finance.finworld.held_out_documents=150'];
    const words = [...slow, '--set', 'evaluation.bits_per_byte.rows=1', '--json'];
    const stopped = await interruptAt(/cpt {2}\d+\/[\s\S]*measure finance/, start(...words));
    expect(stopped.code).toBe(130);
    expect(JSON.parse(stopped.stdout).error.fix).toContain('Step 24 is saved');

    expect(await run(...words)).toMatchObject({ code: 0 });
    expect(weights('measuring').equals(weights('tiny'))).toBe(true);
    const measured = events('measuring').filter((event) => event.includes('bits_per_byte/finance'));
    expect(measured.map((event) => JSON.parse(event).step)).toEqual([24, 48, 72, 96]);
  });

  it('lets one process at a time into a run folder', async () => {
    const long = ['--set', 'name=shared', '--set', 'stages.0.cpt.tokens=50000000'];
    const first = start(...long);
    const ended = outcomeOf(first);
    await once(first.stderr!, 'data');
    const second = await run(...long);
    first.kill('SIGINT');
    await ended;
    expect(second.code).toBe(2);
    expect(second.stderr).toContain(`a run under way in process ${first.pid}`);
  });

  it('does what was changed in the folder of a run, and goes back at no cost', async () => {
    const changed = await run('--set', 'stages.0.cpt.learning_rate=1e-3', '--json');
    expect(changed.code).toBe(0);
    expect(changed.stderr).toContain('the recipe was changed');
    expect(changed.stderr).toMatch(/a result of earlier recipes \(.* kept in results/);
    expect(JSON.parse(changed.stdout).recipe.stages[0].cpt.learning_rate).toBe(1e-3);
    const before = events('tiny').length;
    const back = await run('--prune');
    expect(back.code).toBe(0);
    expect(back.stderr).toMatch(/cpt: finished before[\s\S]*deleted/);
    expect(events('tiny')).toHaveLength(before);
    expect(readdirSync(at('runs', 'tiny', 'results')).filter((name) => name.startsWith('cpt'))).toHaveLength(1);
  });

  it('refuses stages that are not there', async () => {
    const refused = await run('--skip', 'cqt');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/--skip[\s\S]*Did you mean "cpt"/);
  });

  it('stops a run that diverges with exit code 4 and the last good state saved', async () => {
    const set = ['--set', 'stages.0.cpt.learning_rate=10', '--set', 'stages.0.cpt.weight_decay=10'];
    const diverged = await run('--set', 'name=diverged', ...set);
    expect(diverged).toMatchObject({ code: 4, stdout: '' });
    expect(diverged.stderr).toMatch(/found +6 steps in a row that were skipped/);
    expect(record('diverged').state).toBe('failed');
    const [checkpoint] = readdirSync(stage('diverged', 'checkpoints'));
    const inspected = await finery(['inspect', stage('diverged', 'checkpoints', checkpoint), '--weights']);
    expect(inspected.code).toBe(0);
    expect(events('diverged').join('\n')).toMatch(/"metric":"skipped","value":"the gradient of .* is not finite"/);
  });

  it('tells what would be done, and what it would take, without doing it', async () => {
    const dry = await run('--dry-run', '--json', '--set', 'name=dry', '--set', 'seed=9', '--quiet');
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    const { recipe, stages, seconds } = JSON.parse(dry.stdout);
    expect(recipe).toMatchObject({ name: 'dry', seed: 9, save: { dtype: 'f32' } });
    expect(stages).toMatchObject([
      { name: 'cpt', from: 'base', state: 'new', training: { steps: 97, tokens: 97 * 512, seconds } },
    ]);
    expect(seconds).toBeGreaterThan(0);
    expect(existsSync(at('runs', 'dry'))).toBe(false);
    const done = await run('--dry-run');
    expect(done.stdout).toMatch(/^cpt +base +finished +97 /m);
  });

  it.each([
    ['stages.0.cpt.learning_rat=1', 'Did you mean "learning_rate"?'],
    ['stages.0.cpt.learning_rate=1e3', 'a number of at most 10'],
    ['stages.0.cpt.batch.length=128', 'at most max_position_embeddings of the model, 64'],
    ['stages.7.cpt.tokens=1', 'entry 7 of stages'],
    ['nothing', 'path=value'],
  ])('refuses --set %s', async (change, message) => {
    const refused = await run('--set', change, '--dry-run');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain(`--set ${change}`);
    expect(refused.stderr).toContain(message);
  });

  it('names set, line and field for a broken record, and counts it where it is skipped', async () => {
    const line = (i: number) => (i === 41 ? '{"text": "broken' : JSON.stringify({ text: `Sales of firm ${i} rose.` }));
    writeFileSync(at('notes.jsonl'), `${Array.from({ length: 60 }, (_, i) => line(i + 1)).join('\n')}\n`);
    const files = (rest: string) => ['--set', 'name=broken', '--set', `data.finance={files: [notes.jsonl]${rest}}`];
    const broken = await run(...files(''));
    expect(broken.code).toBe(3);
    expect(broken.stderr).toMatch(/error: --set data\.finance=.*: data\.finance: .*notes\.jsonl, line 41\n/);
    expect(broken.stderr).toContain('set skip_broken: true');

    rmSync(at('runs', 'broken'), { recursive: true });
    const skipped = await run(...files(', skip_broken: true'), '--set', 'stages.0.cpt.tokens=2000');
    expect(skipped.code).toBe(0);
    expect(skipped.stderr).toContain('warning: data.finance: 1 broken record left out');
  });
});
