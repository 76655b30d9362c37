/** Arithmetic of the vectors that texts are compared by. */

/** Shorter vectors are taken for zero, as in torch.nn.functional.normalize. */
const shortest = 1e-12;

/** Divides a vector by its length, in place. */
export function normalizeVector(vector: Float32Array): Float32Array {
  const norm = Math.max(Math.sqrt(dot(vector, vector)), shortest);
  for (let i = 0; i < vector.length; i++) vector[i] /= norm;
  return vector;
}

/** Of two vectors of the same length. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Cosine of the angle between two vectors; 0 where one of them is zero. */
export function cosine(a: Float32Array, b: Float32Array): number {
  const norms = Math.sqrt(dot(a, a) * dot(b, b));
  return norms > 0 ? dot(a, b) / norms : 0;
}
