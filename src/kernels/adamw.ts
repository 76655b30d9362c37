/**
 * The arithmetic of one AdamW step on one parameter, in float32 (Loshchilov and Hutter 2019, "Decoupled Weight Decay
 * Regularization", algorithm 2, as torch.optim.AdamW evaluates it):
 *
 *   g <- gradient * gradientScale
 *   m <- m + (g - m) (1 - beta1)
 *   v <- beta2 v + (1 - beta2) g^2
 *   w <- (1 - lr decay) w - lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
 */

export interface AdamWArrays {
  readonly weight: Float32Array;
  readonly gradient: Float32Array;
  /** First moment: the running mean of gradients. */
  readonly m: Float32Array;
  /** Second moment: the running mean of squared gradients. */
  readonly v: Float32Array;
}

/** What stays the same over all elements of a parameter. Computed in float64, rounded to float32 by the kernel. */
export interface AdamWCoefficients {
  readonly gradientScale: number;
  /** 1 - lr decay */
  readonly keep: number;
  readonly oneMinusBeta1: number;
  readonly beta2: number;
  readonly oneMinusBeta2: number;
  /** lr / (1 - beta1^t) */
  readonly stepSize: number;
  /** sqrt(1 - beta2^t) */
  readonly rootCorrection2: number;
  readonly epsilon: number;
}

export interface AdamWHyperparameters {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly gradientScale: number;
}

/** Coefficients of step `step`, counted from 1. */
export function adamwCoefficients(step: number, options: AdamWHyperparameters): AdamWCoefficients {
  const [beta1, beta2] = options.betas;
  return {
    gradientScale: options.gradientScale,
    keep: 1 - options.learningRate * options.weightDecay,
    oneMinusBeta1: 1 - beta1,
    beta2,
    oneMinusBeta2: 1 - beta2,
    stepSize: options.learningRate / (1 - beta1 ** step),
    rootCorrection2: Math.sqrt(1 - beta2 ** step),
    epsilon: options.epsilon,
  };
}
