/** The part of a `DecoderGraph` that standard ONNX operators say best, whoever runs it. */
import { Lowering } from '../onnx/lowering.ts';
import type { Activation } from './transformer/description.ts';

export abstract class StandardOperators {
  protected readonly lowering = new Lowering();
  /** Element type of hidden states. */
  protected readonly dtype: 'f32' | 'f16';

  constructor(dtype: 'f32' | 'f16') {
    this.dtype = dtype;
  }

  protected abstract silu(x: string): string;

  activate(x: string, activation: Activation): string {
    switch (activation) {
      case 'silu':
        return this.silu(x);
      case 'gelu':
        return this.lowering.emit('Gelu', [x]);
      case 'gelu-tanh':
        return this.lowering.emit('Gelu', [x], { attributes: { approximate: 'tanh' } });
      default:
        return activation satisfies never;
    }
  }

  split(x: string, widths: readonly number[]): string[] {
    const parts = widths.map(() => this.lowering.temporary());
    this.lowering.emitMany('Split', [x, this.lowering.int64(widths)], parts, { attributes: { axis: -1 } });
    return parts;
  }

  multiply(a: string, b: string): string {
    return this.lowering.emit('Mul', [a, b]);
  }

  add(a: string, b: string): string {
    return this.lowering.emit('Add', [a, b]);
  }

  softCap(x: string, cap: number): string {
    const inner = this.multiply(x, this.scalar(1 / cap));
    return this.multiply(this.lowering.emit('Tanh', [inner]), this.scalar(cap));
  }

  experts(
    x: string,
    logits: string,
    { count, perToken }: { readonly count: number; readonly perToken: number },
    make: (expert: number, rows: string, weights: string) => string,
  ): string {
    const { lowering } = this;
    const flat = (value: string) => lowering.emit('Flatten', [value], { attributes: { axis: -1 } });
    const tokens = flat(x);
    const weights = this.#routing(flat(logits), perToken);
    const greatest = lowering.emit('ReduceMax', [weights, lowering.int64([0])], { attributes: { keepdims: 0 } });
    const isChosen = lowering.emit('Greater', [greatest, this.scalar(0)]);
    const each = Array<number>(count).fill(1);
    const conditions = this.split(isChosen, each);
    const sum = this.split(weights, each).reduce(
      (sum, weight, expert) =>
        lowering.either(
          conditions[expert],
          this.dtype,
          () => this.#withRows(sum, tokens, weight, (rows, shares) => make(expert, rows, shares)),
          () => lowering.emit('Identity', [sum]),
        ),
      this.multiply(tokens, this.scalar(0)),
    );
    return lowering.emit('Reshape', [sum, lowering.emit('Shape', [x])]);
  }

  /** Router logits [tokens, experts] -> weights of the same shape, 0 but for `perToken` of each token. */
  #routing(logits: string, perToken: number): string {
    const [values, indices] = [this.lowering.temporary(), this.lowering.temporary()];
    this.lowering.emitMany('TopK', [logits, this.lowering.int64([perToken])], [values, indices]);
    const shares = this.lowering.emit('Softmax', [values], { attributes: { axis: -1 } });
    const none = this.multiply(logits, this.scalar(0));
    return this.lowering.emit('ScatterElements', [none, indices, shares], { attributes: { axis: -1 } });
  }

  /** The sum with what `make` gives added to the rows whose weight [tokens, 1] is not 0. */
  #withRows(sum: string, tokens: string, weight: string, make: (rows: string, weights: string) => string): string {
    const { lowering } = this;
    const places = lowering.emit('NonZero', [lowering.emit('Greater', [weight, this.scalar(0)])]);
    const numbers = lowering.emit('Gather', [places, lowering.int64(0)]);
    const rowsOf = (value: string) => lowering.emit('Gather', [value, numbers]);
    const rows = this.add(rowsOf(sum), make(rowsOf(tokens), rowsOf(weight)));
    return lowering.emit('ScatterND', [sum, lowering.emit('Unsqueeze', [numbers, lowering.int64([-1])]), rows]);
  }

  /** A length of 0 is that of x, -1 what is left. */
  protected reshape(x: string, shape: readonly number[]): string {
    return this.lowering.emit('Reshape', [x, this.lowering.int64(shape)]);
  }

  protected scalar(value: number): string {
    return this.lowering.scalar(value, this.dtype);
  }
}
