/**
 * Muon for the matrices inside a model, AdamW for the rest: embeddings, head, norms and biases. The momentum of a matrix is
 * brought to singular values near 1 before it is applied, so that rare directions move as far as frequent ones
 * (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon). The arithmetic is that of torch.optim.Muon, in float32
 * throughout: gradient G of a weight W [out, in], learning rate lr,
 *
 *   M <- mu M + (1 - mu) G
 *   U  = (1 - mu) G + mu M                  Nesterov's look ahead
 *   W <- (1 - lr decay) W - lr s NS(U / |U|)
 *
 * where s is by default 0.2 sqrt(max(out, in)) (Liu et al. 2025, arXiv:2502.16982): an update is then about as large as one
 * of AdamW, whose learning rates and decay serve, and both parts can share them.
 */
import { UsageError } from '../../errors.ts';
import type { Parameter } from '../../kernels/allocate-parameters.ts';
import type { Engine } from '../../runtime/engine.ts';
import { type AdamWOptions, createAdamW } from './adamw.ts';
import { isHiddenMatrix } from './decay-groups.ts';
import { createOrthogonalizer, type Orthogonalizer } from './newton-schulz.ts';
import { gradientNorm, inOrderOfNames, type Optimizer } from './optimizer.ts';

/** Factors on an orthogonal update [out, in], under the names of torch.optim.Muon. */
const adjustments = {
  original: (out: number, input: number) => Math.sqrt(Math.max(1, out / input)),
  match_rms_adamw: (out: number, input: number) => 0.2 * Math.sqrt(Math.max(out, input)),
} as const;

export type LearningRateAdjustment = keyof typeof adjustments;

/** Those of AdamW are for the parameters that are no matrices inside the model; decay is for both. */
export interface MuonOptions extends AdamWOptions {
  /** mu. Default 0.95. */
  readonly momentum?: number;
  /** s. Default `match_rms_adamw`; `original` wants learning rates of its own. */
  readonly adjustLearningRate?: LearningRateAdjustment;
}

/** Added to norms, as in torch.optim.Muon: a gradient of zeros stays one. */
const smallestNorm = 1e-7;

/** @throws UsageError for options outside their range or a parameter given twice. Release it after use. */
export function createMuon(engine: Engine, parameters: Iterable<Parameter>, options: MuonOptions = {}): Optimizer {
  const { momentum = 0.95, adjustLearningRate = 'match_rms_adamw', weightDecay = 0.01 } = options;
  if (!(momentum >= 0 && momentum < 1)) {
    throw refuse('momentum', momentum, 'a number from 0 up to, not including, 1');
  }
  if (!Object.hasOwn(adjustments, adjustLearningRate)) {
    throw refuse('adjustLearningRate', adjustLearningRate, Object.keys(adjustments).join(' or '));
  }
  const all = inOrderOfNames(parameters);
  const matrices = all.filter(isHiddenMatrix);
  const others = createAdamW(
    all.filter((parameter) => !isHiddenMatrix(parameter)),
    options,
  );
  const orthogonalizers = new Map<string, Orthogonalizer>();

  function orthogonalizerOf({ shape }: Parameter): Orthogonalizer {
    const key = shape.join();
    const known = orthogonalizers.get(key) ?? createOrthogonalizer(engine, shape);
    orthogonalizers.set(key, known);
    return known;
  }

  return {
    get stepsTaken() {
      return others.stepsTaken;
    },
    set stepsTaken(steps) {
      others.stepsTaken = steps;
    },
    gradientNorm: () => gradientNorm(all),
    async step(step) {
      others.step(step);
      const { learningRate, gradientScale = 1 } = step;
      for (const parameter of matrices) {
        const [out, input] = parameter.shape;
        const orthogonalizer = orthogonalizerOf(parameter);
        lookAhead(parameter, { momentum, gradientScale }, orthogonalizer.input);
        await orthogonalizer.run();
        descend(parameter.weight, orthogonalizer.output, {
          kept: 1 - learningRate * weightDecay,
          rate: learningRate * adjustments[adjustLearningRate](out, input),
        });
      }
    },
    release() {
      for (const orthogonalizer of orthogonalizers.values()) orthogonalizer.release();
      orthogonalizers.clear();
    },
  };
}

const refuse = (field: string, found: unknown, expected: string): UsageError =>
  new UsageError({ field: `Muon ${field}`, found: String(found), expected, fix: 'Correct the optimizer settings.' });

/** Takes the gradient into the momentum, and writes where it will be after another one like it, of norm 1, to `ahead`. */
function lookAhead(
  { gradient, m }: Parameter,
  { momentum, gradientScale }: { readonly momentum: number; readonly gradientScale: number },
  ahead: Float32Array,
): void {
  const share = (1 - momentum) * gradientScale;
  let squares = 0;
  for (let i = 0; i < m.length; i++) {
    m[i] = momentum * m[i] + share * gradient[i];
    ahead[i] = share * gradient[i] + momentum * m[i];
    squares += ahead[i] * ahead[i];
  }
  const factor = 1 / Math.max(Math.sqrt(squares), smallestNorm);
  for (let i = 0; i < ahead.length; i++) ahead[i] *= factor;
}

function descend(
  weight: Float32Array,
  update: Float32Array,
  { kept, rate }: { readonly kept: number; readonly rate: number },
): void {
  for (let i = 0; i < weight.length; i++) weight[i] = kept * weight[i] - rate * update[i];
}
