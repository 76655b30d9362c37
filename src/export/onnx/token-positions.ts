/**
 * What the layers of an exported graph share, computed from its inputs: which keys a token sees, and the rotary angles of
 * its position. Nothing is tabulated, so a graph has no longest text.
 */
import { inverseFrequencies, type Rope } from '../../models/layers/rope.ts';
import type { Lowering } from '../../onnx/lowering.ts';
import { idsInput } from './exported-layers.ts';

export const inputNames = { ids: idsInput, mask: 'attention_mask', positions: 'position_ids' } as const;

export interface Angles {
  /** [batch, length, 1, rotated channels / 2] */
  readonly cos: string;
  readonly sin: string;
}

export class TokenPositions {
  readonly #lowering: Lowering;
  readonly #dtype: 'f32' | 'f16';
  readonly #seen = new Map<number | undefined, string>();
  readonly #angles = new Map<Rope, Angles>();
  #counts: { readonly total: string; readonly keys: string; readonly queries: string } | undefined;

  constructor(lowering: Lowering, dtype: 'f32' | 'f16') {
    this.#lowering = lowering;
    this.#dtype = dtype;
  }

  /** Keys that there are, as a vector of one number. */
  get total(): string {
    return this.#numbers.total;
  }

  /**
   * Whether a token sees a key, bool [batch, 1, length, total]: one that is not padding, not behind it, and no further
   * back than the window. A token's place is the one it takes in the cache.
   */
  seen(window: number | undefined): string {
    const known = this.#seen.get(window);
    if (known !== undefined) return known;
    const { keys, queries } = this.#numbers;
    const lowering = this.#lowering;
    const past = lowering.emit('LessOrEqual', [keys, queries]);
    const reached =
      window === undefined
        ? past
        : lowering.emit('And', [
            past,
            lowering.emit('Greater', [keys, lowering.emit('Sub', [queries, lowering.int64([window])])]),
          ]);
    const given = lowering.emit('Unsqueeze', [lowering.cast(inputNames.mask, 'bool'), lowering.int64([1, 2])]);
    const seen = lowering.emit('And', [given, reached]);
    this.#seen.set(window, seen);
    return seen;
  }

  /** Places in the cache, int64: those of the keys [total] and of the tokens [length, 1]. */
  get #numbers() {
    if (this.#counts) return this.#counts;
    const lowering = this.#lowering;
    const size = (name: string) => lowering.emit('Shape', [name], { attributes: { start: 1, end: 2 } });
    const scalar = (vector: string) => lowering.emit('Squeeze', [vector]);
    const total = size(inputNames.mask);
    const [zero, one] = [lowering.int64(0), lowering.int64(1)];
    const end = scalar(total);
    const first = lowering.emit('Sub', [end, scalar(size(inputNames.ids))]);
    const keys = lowering.emit('Range', [zero, end, one]);
    const places = lowering.emit('Range', [first, end, one]);
    const queries = lowering.emit('Unsqueeze', [places, lowering.int64([1])]);
    this.#counts = { total, keys, queries };
    return this.#counts;
  }

  /** Computed in float32, whatever they are multiplied with. */
  angles(rope: Rope): Angles {
    const known = this.#angles.get(rope);
    if (known) return known;
    const lowering = this.#lowering;
    const positions = lowering.emit('Unsqueeze', [lowering.cast(inputNames.positions, 'f32'), lowering.int64([2, 3])]);
    const angle = lowering.emit('Mul', [positions, this.#frequencies(rope)]);
    const { scaling } = rope;
    const table = (operator: 'Cos' | 'Sin') => {
      const values = lowering.emit(operator, [angle]);
      const scaled =
        'magnitude' in scaling ? lowering.emit('Mul', [values, lowering.scalar(scaling.magnitude)]) : values;
      return this.#dtype === 'f32' ? scaled : lowering.cast(scaled, this.#dtype);
    };
    const angles = { cos: table('Cos'), sin: table('Sin') };
    this.#angles.set(rope, angles);
    return angles;
  }

  /**
   * Angle of each pair of channels for one position. Where a scaling depends on the length of the text, that is one more
   * than its highest position, as in transformers; keys that are in the cache keep the angles they were given.
   */
  #frequencies(rope: Rope): string {
    const { scaling, width } = rope;
    const lowering = this.#lowering;
    const at = (length: number) => lowering.vector([...inverseFrequencies(rope, length)]);
    switch (scaling.type) {
      case 'longrope': {
        const { originalPositions } = scaling;
        const isLonger = lowering.emit('Greater', [this.#textLength(), lowering.scalar(originalPositions)]);
        return lowering.emit('Where', [isLonger, at(originalPositions + 1), at(originalPositions)]);
      }
      case 'dynamic': {
        const { factor, originalPositions: original } = scaling;
        const longer = lowering.emit('Max', [this.#textLength(), lowering.scalar(original)]);
        const times = lowering.emit('Mul', [longer, lowering.scalar(factor)]);
        const share = lowering.emit('Div', [times, lowering.scalar(original)]);
        const growth = lowering.emit('Sub', [share, lowering.scalar(factor - 1)]);
        // A base that grows by g^(width / (width - 2)) slows pair i by g^(-2i / (width - 2)).
        const exponents = Array.from({ length: width / 2 }, (_, i) => (i === 0 ? 0 : (-2 * i) / (width - 2)));
        const slowing = lowering.emit('Pow', [growth, lowering.vector(exponents)]);
        return lowering.emit('Mul', [at(original), slowing]);
      }
      default:
        return at(1);
    }
  }

  #textLength(): string {
    const positions = this.#lowering.cast(inputNames.positions, 'f32');
    const last = this.#lowering.emit('ReduceMax', [positions], { attributes: { keepdims: 0 } });
    return this.#lowering.emit('Add', [last, this.#lowering.scalar(1)]);
  }
}
