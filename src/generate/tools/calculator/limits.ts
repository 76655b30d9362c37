/** Bounds of the calculator. All are checked before the work that they bound. */

/** UTF-16 units of an expression; this also bounds the number of operations. */
export const MAX_CHARACTERS = 1_000;
/** Parentheses, signs and powers inside one another. */
export const MAX_DEPTH = 64;
/** Digits of a numerator or denominator; a fraction that needs more is rounded to PRECISION digits. */
export const MAX_DIGITS = 500;
/** Values are 0 or lie between 10^-400 and 10^401. */
export const MAX_EXPONENT = 400;
/** Significant digits of what is not a fraction, as in IEEE 754 decimal128. */
export const PRECISION = 34;
/** The last whose factorial is in range. */
export const MAX_FACTORIAL = 211;
/** Of `irr`, whose work grows with the square of them. */
export const MAX_FLOWS = 128;
