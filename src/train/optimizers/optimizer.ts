/** What a trainer asks of an optimizer. Its whole state is in the moments of the parameters and in `stepsTaken`. */
import { UsageError } from '../../errors.ts';
import type { Parameter } from '../../kernels/allocate-parameters.ts';

export interface StepOptions {
  readonly learningRate: number;
  /** Multiplies each gradient as it is read, so that clipping and averaging cost no pass of their own. Default 1. */
  readonly gradientScale?: number;
}

export interface GradientNorm {
  /** Euclidean norm of all gradients together, summed in float64 in the order of names. Not finite if an element is not. */
  readonly norm: number;
  /** The first parameter, in the order of names, whose gradient holds a NaN or an infinity. */
  readonly firstNonFinite: string | null;
}

export interface Optimizer {
  /** Steps taken so far. To resume, restore the weights and moments and set it to what it was. */
  stepsTaken: number;
  gradientNorm(): GradientNorm;
  /**
   * Updates every weight and its moments; gradients are only read. The caller decides beforehand, by `gradientNorm`, whether
   * the gradients are fit to be used: a NaN in them ends up in the weights.
   */
  step(options: StepOptions): void | Promise<void>;
  /** Frees what is held beside the parameters. Not while a step is under way. */
  release(): void;
}

/**
 * Parameters in the order of names (by UTF-16 code units), whatever the order they come in: sums keep their bits.
 * @throws UsageError for one given twice
 */
export function inOrderOfNames(parameters: Iterable<Parameter>): readonly Parameter[] {
  const ordered = [...parameters].sort((a, b) => (a.name < b.name ? -1 : 1));
  const twice = ordered.find(({ name }, index) => name === ordered[index + 1]?.name);
  if (!twice) return ordered;
  throw new UsageError({
    field: 'optimizer parameters',
    found: `${twice.name} twice`,
    expected: 'each parameter once',
    fix: 'Correct the optimizer settings.',
  });
}

/** @param parameters in the order of names */
export function gradientNorm(parameters: readonly Parameter[]): GradientNorm {
  let sum = 0;
  let firstNonFinite: string | null = null;
  for (const { name, arena, gradient } of parameters) {
    const squares = arena.kernels.sumOfSquares(gradient);
    if (firstNonFinite === null && !Number.isFinite(squares)) firstNonFinite = name;
    sum += squares;
  }
  return { norm: Math.sqrt(sum), firstNonFinite };
}
