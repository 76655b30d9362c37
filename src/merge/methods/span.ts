/** Vectors in the span of the models, by their coefficients; inner products follow from the Gram matrix of the models. */

export type Coefficients = readonly number[];

export function plus(a: Coefficients, b: Coefficients): Coefficients {
  return a.map((value, i) => value + b[i]);
}

export function times(a: Coefficients, factor: number): Coefficients {
  return a.map((value) => value * factor);
}

/** a^T G b */
export function inner(a: Coefficients, b: Coefficients, gram: readonly (readonly number[])[]): number {
  return a.reduce((sum, left, i) => sum + left * b.reduce((row, right, j) => row + right * gram[i][j], 0), 0);
}
