import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { findLastGood, type StoredCheckpoint } from './last-good.ts';
import { type ManifestNotes, manifestFileName, readManifest, verifyManifest, writeManifest } from './manifest.ts';
import { planRotation, type RotationPolicy, rotateCheckpoints } from './rotation.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-retention-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** A checkpoint of 100 bytes. */
async function store(name: string, notes: ManifestNotes): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, 'sub'), { recursive: true });
  await writeFile(join(path, 'weights'), Buffer.alloc(90, 7));
  await writeFile(join(path, 'sub', 'state'), Buffer.alloc(10, 7));
  await writeManifest(path, notes);
  return path;
}

describe('the manifest', () => {
  it('lists every file with size and checksum', async () => {
    const path = await store('a', { step: 3, metric: 1.5 });
    const manifest = await readManifest(path);
    expect(manifest).toMatchObject({ version: 1, step: 3, metric: 1.5 });
    expect(Object.keys(manifest.files)).toEqual(['sub/state', 'weights']);
    // printf '\7\7\7\7\7\7\7\7\7\7' | sha256sum
    expect(manifest.files['sub/state']).toEqual({
      bytes: 10,
      sha256: 'bf52943413e4b2e64c1b18f831aae28a7c3e4c2792a99500c06bf6c5a933aab5',
    });
    await verifyManifest(path, manifest);
  });

  it.each([
    ['a file is missing', (path: string) => rm(join(path, 'weights')), /no such file/],
    ['a file is cut short', (path: string) => truncate(join(path, 'weights'), 89), /found 89 bytes, expected 90/],
    ['a file has grown', (path: string) => appendFile(join(path, 'sub', 'state'), 'x'), /found 11 bytes/],
    [
      'a bit has flipped',
      (path: string) => writeFile(join(path, 'weights'), Buffer.alloc(90, 7).fill(6, 44, 45)),
      /another content/,
    ],
  ])('notices when %s', async (_, damage, message) => {
    const path = await store('a', {});
    await damage(path);
    await expect(verifyManifest(path, await readManifest(path))).rejects.toThrow(message);
  });

  it('sees a flipped bit by checksum only', async () => {
    const path = await store('a', {});
    await writeFile(join(path, 'weights'), Buffer.alloc(90, 6));
    await verifyManifest(path, await readManifest(path), { checksums: false });
  });

  it('may not lead out of its folder', async () => {
    const path = await store('a', {});
    const manifest = await readManifest(path);
    const [entry] = Object.values(manifest.files);
    await writeFile(join(folder, 'outside'), Buffer.alloc(10, 7));
    await symlink(join(folder, 'outside'), join(path, 'link'));
    for (const name of ['../outside', 'link']) {
      await expect(verifyManifest(path, { ...manifest, files: { [name]: entry } })).rejects.toThrow(
        /stays in this folder/,
      );
    }
  });

  it.each([
    '',
    'null',
    '{',
    '{"version":2,"files":{}}',
    '{"version":1}',
    '{"version":1,"files":{"a":{"bytes":-1,"sha256":""}}}',
  ])('refuses %j', async (text) => {
    const path = await store('a', {});
    await writeFile(join(path, manifestFileName), text);
    await expect(readManifest(path)).rejects.toThrow(path);
  });
});

describe('findLastGood', () => {
  it('finds nothing in a folder that is empty or not there', async () => {
    expect(await findLastGood(folder)).toEqual({ checkpoint: undefined, skipped: [] });
    expect(await findLastGood(join(folder, 'none'))).toEqual({ checkpoint: undefined, skipped: [] });
  });

  it('goes by steps, not by names', async () => {
    await store('step-9', { step: 9 });
    await store('step-10', { step: 10 });
    expect((await findLastGood(folder)).checkpoint?.path).toBe(join(folder, 'step-10'));
  });

  it('skips damaged, half-written and foreign folders, and says why', async () => {
    await store('a', { step: 1 });
    const flipped = await store('b', { step: 2 });
    await writeFile(join(flipped, 'weights'), Buffer.alloc(90, 6));
    await truncate(join(await store('c', { step: 3 }), 'weights'), 10);
    await rm(join(await store('d', { step: 4 }), manifestFileName));
    await mkdir(join(folder, '.e.tmp-1-0-1'));
    await writeFile(join(folder, 'notes.txt'), '');
    const { checkpoint, skipped } = await findLastGood(folder);
    expect(checkpoint?.path).toBe(join(folder, 'a'));
    expect(skipped.map(({ path, reason }) => [basename(path), reason])).toEqual([
      ['c', expect.stringContaining('10 bytes')],
      ['b', expect.stringContaining('another content')],
      ['d', expect.stringContaining('no such file')],
    ]);
    expect(await readFile(join(flipped, 'weights'))).toEqual(Buffer.alloc(90, 6));
  });
});

describe('rotateCheckpoints', () => {
  const names = async (): Promise<readonly string[]> => (await readdir(folder)).sort();

  it('keeps the last ones and the best', async () => {
    for (const [step, metric] of [3, 1, 2, 1, 5].entries()) await store(`s${step}`, { step, metric });
    const { deleted, keptBytes } = await rotateCheckpoints(folder, { keepLast: 2, keepBest: 'lowest' });
    // s1 and s3 are equally good: the earlier one is the best, the later one is among the last.
    expect(await names()).toEqual(['s1', 's3', 's4']);
    expect(deleted.map((path) => basename(path)).sort()).toEqual(['s0', 's2']);
    expect(keptBytes).toBe(300);
  });

  it('keeps the best before the last but one when the budget is short, and the last good one always', async () => {
    for (const [step, metric] of [9, 1, 2, 3].entries()) await store(`s${step}`, { step, metric });
    await rotateCheckpoints(folder, { keepLast: 3, keepBest: 'highest', budgetBytes: 250 });
    expect(await names()).toEqual(['s0', 's3']);
    await rotateCheckpoints(folder, { keepLast: 3, keepBest: 'highest', budgetBytes: 1 });
    expect(await names()).toEqual(['s3']);
  });

  it('protects the last good one behind damaged ones, which it leaves alone', async () => {
    for (const step of [0, 1, 2, 3]) await store(`s${step}`, { step });
    await truncate(join(folder, 's3', 'weights'), 1);
    await rm(join(folder, 's2', 'sub'), { recursive: true });
    await rotateCheckpoints(folder, { keepLast: 1 });
    expect(await names()).toEqual(['s1', 's2', 's3']);
  });

  it('deletes nothing where nothing is good', async () => {
    for (const step of [0, 1]) await truncate(join(await store(`s${step}`, { step }), 'weights'), 1);
    expect(await rotateCheckpoints(folder, { keepLast: 1 })).toEqual({ deleted: [], keptBytes: 0 });
    expect(await names()).toEqual(['s0', 's1']);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses to keep the last %d', async (keepLast) => {
    await expect(rotateCheckpoints(folder, { keepLast })).rejects.toThrow(UsageError);
  });
});

describe('planRotation', () => {
  const stored = fc.array(
    fc.record({ bytes: fc.nat(100), metric: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }) }),
    {
      minLength: 1,
      maxLength: 12,
    },
  );
  const policies: fc.Arbitrary<RotationPolicy> = fc.record(
    {
      keepLast: fc.integer({ min: 1, max: 5 }),
      keepBest: fc.constantFrom('lowest', 'highest'),
      budgetBytes: fc.nat(600),
    },
    { requiredKeys: ['keepLast'] },
  );

  it('never deletes the last good one and never exceeds the budget otherwise', () => {
    fc.assert(
      fc.property(stored, policies, (records, policy) => {
        const checkpoints = records.map(({ bytes, metric }, i): StoredCheckpoint => {
          const manifest = {
            version: 1 as const,
            step: 100 - i,
            metric,
            files: { a: { bytes, sha256: '0'.repeat(64) } },
          };
          return { path: `s${100 - i}`, manifest };
        });
        const deleted = planRotation(checkpoints, checkpoints[0], policy);
        const kept = checkpoints.filter((checkpoint) => !deleted.includes(checkpoint));
        expect(kept[0]).toBe(checkpoints[0]);
        const total = kept.reduce((sum, { manifest }) => sum + manifest.files.a.bytes, 0);
        expect(kept.length === 1 || total <= (policy.budgetBytes ?? Number.POSITIVE_INFINITY)).toBe(true);
        expect(kept.length).toBeLessThanOrEqual(policy.keepLast + 1);
        if (policy.budgetBytes === undefined)
          expect(kept.length).toBeGreaterThanOrEqual(Math.min(policy.keepLast, checkpoints.length));
      }),
    );
  });
});
