// The exports of the module for merging. Each loop has a plain TypeScript twin in src/merge/kernels, and is tested against it.
export {
  addFused,
  addScaled,
  addSquaredDistance,
  divide,
  largestHalf,
  largestMagnitude,
  setScaled,
  subtract,
} from './arithmetic';
export { addAgreeing, divideByAgreement } from './consensus';
export { addProduct, addTransposedProduct } from './dense';
export { addGram } from './gram';
export { hashStripes } from './hash';
export { interpolate } from './interpolate';
export { countMagnitudes, countMagnitudesWithin, keepBand, keepLargest, keepWhere } from './magnitudes';
export { keepBelow, randomWords } from './random';
export { keepByRank } from './ranked-drop';
export { addMagnitudes, addProducts } from './sums';
