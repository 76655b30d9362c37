import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, test } from 'vitest';
import { adaptLayers } from '../../adapters/adapted-layers.ts';
import { linearModules } from '../../adapters/target-modules.ts';
import { createDecoder } from '../../models/registry.ts';
import { largestBatch, mostRows, predictPeakMemory } from './memory.ts';

const bench = new URL('../../../bench/', import.meta.url);
const model = createDecoder(JSON.parse(readFileSync(new URL('configs/135m.json', bench), 'utf8')));
const batch = { rows: 2, length: 256 };

describe('predictPeakMemory', () => {
  it('counts the arrays of the parameters', () => {
    const { parts, bytes } = predictPeakMemory(model, batch);
    expect(parts).toMatchObject({
      weights: 4 * 134_515_008,
      gradients: 4 * 134_515_008,
      moments: 8 * 134_515_008,
    });
    expect(bytes).toBe(Object.values(parts).reduce((a, b) => a + b));
    expect(predictPeakMemory(model, { ...batch, moments: 0 }).parts.moments).toBe(0);
  });

  it('counts what the blocks keep', () => {
    const kept = predictPeakMemory(model, batch).parts.activations;
    const recomputed = predictPeakMemory(model, { ...batch, keep: 'inputs' }).parts.activations;
    // Per token and layer: query, key, value, attention, the middle of the residual stream, gate and up.
    expect(kept - recomputed).toBe(4 * 512 * 30 * (576 + 192 + 192 + 576 + 576 + 1536 + 1536));
  });

  it('counts what the inputs of one layer are multiplied with under dropout, of all layers in a step of one segment', () => {
    const activations = (dropout: number, whole: boolean) => {
      const settings = { method: 'lora', r: 8, alpha: 16, dropout } as const;
      const adapted = adaptLayers(model, linearModules(model), settings);
      return predictPeakMemory(adapted, { rows: 1, length: 16, whole }).parts.activations;
    };
    const layer = 4 * 16 * (3 * 576 + 576 + 2 * 576 + 1536);
    expect(activations(0.1, false) - activations(0, false)).toBe(layer);
    expect(activations(0.1, true) - activations(0, true)).toBe(30 * layer);
  });

  it('holds no more logits at once than a chunk of the head', () => {
    const working = (headRows: number) => predictPeakMemory(model, { ...batch, headRows }).parts.working;
    expect(working(512) / working(256)).toBeGreaterThan(1.9);
  });

  it.runIf(process.platform === 'linux')('is what a process takes, within a fifth', { timeout: 120_000 }, async () => {
    for (const form of ['whole', 'segments']) {
      const script = fileURLToPath(new URL('train-step/measure.ts', bench));
      const shape = ['--config', '4m', '--rows', '4', '--steps', '1', '--warmup', '1', '--threads', '1'];
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--import', 'tsx', script, ...shape, '--form', form],
        { cwd: fileURLToPath(new URL('..', bench)) },
      );
      const { predicted_rss_bytes: predicted, peak_rss_bytes: measured } = JSON.parse(stdout);
      expect(Math.abs(predicted / measured - 1), `${form}: ${predicted} for ${measured}`).toBeLessThan(0.2);
    }
  });
});

test.each([0, 1, 5, 6, 7])('%i rows that fit are found among seven', (fitting) => {
  expect(mostRows(7, (rows) => rows <= fitting)).toBe(fitting);
});

describe('largestBatch', () => {
  it('fits, and one row more does not', () => {
    const options = { length: 512, bytes: 8e9 };
    const rows = largestBatch(model, options);
    const needed = (count: number) => predictPeakMemory(model, { ...options, rows: count }).bytes;
    expect(rows).toBeGreaterThan(1);
    expect(needed(rows)).toBeLessThanOrEqual(options.bytes);
    expect(needed(rows + 1)).toBeGreaterThan(options.bytes);
  });

  it('is none where the parameters alone do not fit, and never more than the limit', () => {
    expect(largestBatch(model, { length: 64, bytes: 1e9 })).toBe(0);
    expect(largestBatch(model, { length: 64, bytes: 1e12, limit: 7 })).toBe(7);
  });
});
