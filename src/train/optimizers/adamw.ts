/**
 * AdamW over parameters in arenas: decoupled weight decay (Loshchilov and Hutter 2019) with the arithmetic and the
 * defaults of torch.optim.AdamW, in place, one pass over the arrays. The moments are arrays of the parameters, so these
 * arrays and `stepsTaken` are the whole state.
 *
 * ```ts
 * const optimizer = createAdamW(parameters.values(), { weightDecay: 0.1 });
 * const { norm, firstNonFinite } = optimizer.gradientNorm();
 * if (firstNonFinite === null) optimizer.step({ learningRate: 3e-4, gradientScale: clippingScale(norm, 1) });
 * optimizer.zeroGradients();
 * ```
 */
import { UsageError } from '../../errors.ts';
import { adamwCoefficients } from '../../kernels/adamw.ts';
import type { Parameter } from '../../kernels/allocate-parameters.ts';
import { type DecayRule, decays } from './decay-groups.ts';
import { type GradientNorm, gradientNorm, inOrderOfNames, type Optimizer, type StepOptions } from './optimizer.ts';

export interface AdamWOptions extends DecayRule {
  /** Decay rates of the two moments. Default 0.9 and 0.999. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the second moment. Default 1e-8. */
  readonly epsilon?: number;
  /** Share of the weight lost per unit of learning rate, on the parameters that `decays` names. Default 0.01. */
  readonly weightDecay?: number;
}

export class AdamW implements Optimizer {
  readonly parameters: readonly Parameter[];
  readonly #options: Required<AdamWOptions>;
  #stepsTaken = 0;

  constructor(parameters: readonly Parameter[], options: Required<AdamWOptions>) {
    this.parameters = parameters;
    this.#options = options;
  }

  get stepsTaken(): number {
    return this.#stepsTaken;
  }

  set stepsTaken(steps: number) {
    if (!Number.isSafeInteger(steps) || steps < 0) throw refuse('stepsTaken', steps, 'a whole number, 0 or more');
    this.#stepsTaken = steps;
  }

  gradientNorm(): GradientNorm {
    return gradientNorm(this.parameters);
  }

  step({ learningRate, gradientScale = 1 }: StepOptions): void {
    if (!(learningRate >= 0 && learningRate < Infinity))
      throw refuse('learningRate', learningRate, 'a finite number, 0 or more');
    if (!Number.isFinite(gradientScale)) throw refuse('gradientScale', gradientScale, 'a finite number');
    this.#stepsTaken += 1;
    const { betas, epsilon, weightDecay } = this.#options;
    const hyperparameters = { learningRate, gradientScale, betas, epsilon };
    const decaying = adamwCoefficients(this.#stepsTaken, { ...hyperparameters, weightDecay });
    const keeping = adamwCoefficients(this.#stepsTaken, { ...hyperparameters, weightDecay: 0 });
    for (const parameter of this.parameters) {
      parameter.arena.kernels.adamw(parameter, decays(parameter, this.#options) ? decaying : keeping);
    }
  }

  zeroGradients(): void {
    for (const { arena, gradient } of this.parameters) arena.kernels.fill(gradient, 0);
  }

  /** Holds nothing beside the parameters. */
  release(): void {}
}

/** @throws UsageError for options outside their range or a parameter given twice. */
export function createAdamW(parameters: Iterable<Parameter>, options: AdamWOptions = {}): AdamW {
  const { betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0.01, exemptEmbeddings = false } = options;
  for (const index of [0, 1] as const) {
    const beta = betas[index];
    if (!(beta >= 0 && beta < 1)) throw refuse(`betas.${index}`, beta, 'a number from 0 up to, not including, 1');
  }
  if (!(epsilon >= 0 && epsilon < Infinity)) throw refuse('epsilon', epsilon, 'a finite number, 0 or more');
  if (!(weightDecay >= 0 && weightDecay < Infinity))
    throw refuse('weightDecay', weightDecay, 'a finite number, 0 or more');
  const byName = inOrderOfNames(parameters);
  return new AdamW(byName, { betas, epsilon, weightDecay, exemptEmbeddings });
}

/**
 * The gradient scale that brings a norm down to `maximumNorm`: min(1, maximumNorm / (norm + 1e-6)), as in
 * torch.nn.utils.clip_grad_norm_.
 */
export function clippingScale(norm: number, maximumNorm: number): number {
  return Math.min(1, maximumNorm / (norm + 1e-6));
}

function refuse(field: string, found: number | string, expected: string): UsageError {
  return new UsageError({
    field: `AdamW ${field}`,
    found: String(found),
    expected,
    fix: 'Correct the optimizer settings.',
  });
}
