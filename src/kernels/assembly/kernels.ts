// The module's exports. Each loop stands beside its plain TypeScript twin one folder up, and is tested against it.
export { adamw } from './adamw';
export { accumulate, fill, scale } from './elementwise';
export { narrowBfloat16, narrowFloat16, narrowFloat64, widenBfloat16, widenFloat16 } from './convert';
export { unpackLevels } from './levels';
export { sumOfSquares } from './sum-of-squares';
