import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { allocateParameters } from '../../kernels/allocate-parameters.ts';
import { Engine } from '../../runtime/engine.ts';
import { createMuon, type LearningRateAdjustment, type MuonOptions } from './muon.ts';
import { createOrthogonalizer } from './newton-schulz.ts';

const kinds = ['weight', 'gradient', 'm', 'v'] as const;
const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

/** Of scripts/goldens/muon.py. */
const golden = JSON.parse(readFileSync('test/golden/muon.json', 'utf8')) as {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly betas: readonly [number, number];
  readonly momentum: number;
  readonly weightDecay: number;
  readonly learningRates: readonly number[];
  readonly bfloat16Distance: Readonly<Record<LearningRateAdjustment, number>>;
  readonly weights: Readonly<Record<LearningRateAdjustment, Readonly<Record<string, readonly number[]>>>>;
};

const names = Object.keys(golden.shapes);

function inputs(name: string, step: number, count: number): Float32Array {
  const offset = names.indexOf(name);
  return Float32Array.from(
    { length: count },
    (_, i) => Math.sin(1 + i * i * 0.7 + step * 1.3 + offset) * Math.cos(step),
  );
}

function start(options: MuonOptions = {}) {
  const shapes = Object.entries(golden.shapes).map(([name, shape]) => ({ name, shape }));
  const parameters = allocateParameters(shapes, kinds);
  for (const { name, weight } of parameters.values()) weight.set(inputs(name, 0, weight.length));
  const { betas, momentum, weightDecay } = golden;
  const optimizer = createMuon(engine, parameters.values(), { betas, momentum, weightDecay, ...options });
  const advance = async (step: number, scale = 1): Promise<void> => {
    for (const { name, gradient } of parameters.values()) {
      gradient.set(inputs(name, step, gradient.length).map((value) => value / scale));
    }
    await optimizer.step({ learningRate: golden.learningRates[step - 1], gradientScale: scale });
  };
  return { parameters, optimizer, advance };
}

async function distance(adjust: LearningRateAdjustment, options: MuonOptions = {}, scale?: number): Promise<number> {
  const { parameters, optimizer, advance } = start({ adjustLearningRate: adjust, ...options });
  for (const i of golden.learningRates.keys()) await advance(i + 1, scale);
  optimizer.release();
  const differences = names.map((name) => {
    const { weight } = parameters.get(name)!;
    return Math.max(...golden.weights[adjust][name].map((value, i) => Math.abs(value - weight[i])));
  });
  return Math.max(...differences);
}

describe('Muon against torch.optim.Muon in float32', () => {
  it.each(['original', 'match_rms_adamw'] as const)('%s: ends with the same weights', async (adjust) => {
    expect(await distance(adjust)).toBeLessThan(2e-6);
    // The iteration in bfloat16, which torch uses, is much further away.
    expect(golden.bfloat16Distance[adjust]).toBeGreaterThan(1e-4);
  });

  it('scales gradients as it reads them', async () => {
    expect(await distance('original', {}, 8)).toBeLessThan(2e-6);
  });

  it.each([{ momentum: 0.951 }, { weightDecay: 0.101 }, { adjustLearningRate: 'original' as const }])(
    'tells %j from the golden run',
    async (options) => {
      expect(await distance('match_rms_adamw', options)).toBeGreaterThan(1e-5);
    },
  );
});

describe('Newton-Schulz', () => {
  it.each([
    [3, 5],
    [5, 3],
    [4, 4],
  ])('moves the singular values of a matrix [%i, %i] by the polynomial, and nothing else', async (rows, columns) => {
    const orthogonalizer = createOrthogonalizer(engine, [rows, columns]);
    const values = [0.9, 0.4, 0.01, 0];
    const rank = Math.min(rows, columns);
    for (let i = 0; i < rank; i++) orthogonalizer.input[i * columns + i] = values[i];
    await orthogonalizer.run();
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let expected = row === column ? values[row] : 0;
        for (let step = 0; step < 5; step++) {
          expected = 3.4445 * expected - 4.775 * expected ** 3 + 2.0315 * expected ** 5;
        }
        expect(orthogonalizer.output[row * columns + column]).toBeCloseTo(expected, 5);
      }
    }
    orthogonalizer.release();
  });

  it('brings what is not almost 0 near 1', async () => {
    const count = 256;
    const orthogonalizer = createOrthogonalizer(engine, [count, count]);
    for (let i = 0; i < count; i++) orthogonalizer.input[i * (count + 1)] = 0.002 ** (i / (count - 1));
    await orthogonalizer.run();
    const ends = Array.from({ length: count }, (_, i) => orthogonalizer.output[i * (count + 1)]);
    expect(Math.min(...ends)).toBeGreaterThan(0.68);
    expect(Math.max(...ends)).toBeLessThan(1.21);
    expect(Math.max(...ends)).toBeGreaterThan(1.2);
    orthogonalizer.release();
  });
});

describe('createMuon', () => {
  it('goes on to the same bits from weights, moments and the number of steps', async () => {
    const [straight, first, second] = [start(), start(), start()];
    for (let step = 1; step <= 6; step++) await straight.advance(step);
    for (let step = 1; step <= 3; step++) await first.advance(step);
    for (const [name, saved] of first.parameters) {
      for (const kind of ['weight', 'm', 'v'] as const) second.parameters.get(name)![kind].set(saved[kind]);
    }
    second.optimizer.stepsTaken = first.optimizer.stepsTaken;
    for (let step = 4; step <= 6; step++) await second.advance(step);
    for (const [name, { weight }] of straight.parameters) expect(second.parameters.get(name)!.weight).toEqual(weight);
    expect(second.optimizer.stepsTaken).toBe(6);
    for (const { optimizer } of [straight, first, second]) optimizer.release();
  });

  it('measures all gradients, and stays where there is none', async () => {
    const { parameters, optimizer } = start({ weightDecay: 0 });
    const before = new Map([...parameters].map(([name, { weight }]) => [name, weight.slice()]));
    expect(optimizer.gradientNorm()).toEqual({ norm: 0, firstNonFinite: null });
    await optimizer.step({ learningRate: 0.1 });
    for (const [name, { weight }] of parameters) expect([...weight]).toEqual([...before.get(name)!]);
    parameters.get('model.norm.weight')!.gradient[0] = 3;
    parameters.get('model.layers.0.mlp.up_proj.weight')!.gradient[1] = 4;
    expect(optimizer.gradientNorm().norm).toBe(5);
    parameters.get('model.layers.0.mlp.up_proj.weight')!.gradient[2] = Number.NaN;
    expect(optimizer.gradientNorm().firstNonFinite).toBe('model.layers.0.mlp.up_proj.weight');
    optimizer.release();
  });

  it('refuses a momentum outside its range, options of AdamW outside theirs, and a parameter given twice', () => {
    for (const momentum of [1, -0.1, Number.NaN]) {
      expect(() => createMuon(engine, [], { momentum })).toThrow(`Muon momentum: found ${momentum}`);
    }
    const adjustLearningRate = 'toString' as LearningRateAdjustment;
    expect(() => createMuon(engine, [], { adjustLearningRate })).toThrow(UsageError);
    expect(() => createMuon(engine, [], { weightDecay: Number.NaN })).toThrow(/weightDecay/);
    expect(() => createMuon(engine, [], { epsilon: -1 })).toThrow(/epsilon/);
    const parameter = allocateParameters([{ name: 'up_proj.weight', shape: [2, 2] }], kinds).get('up_proj.weight')!;
    expect(() => createMuon(engine, [parameter, parameter])).toThrow(/up_proj.weight twice/);
  });
});
