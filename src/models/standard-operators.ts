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

  routing(logits: string, { count, perToken }: { readonly count: number; readonly perToken: number }): string[] {
    const [values, indices] = [this.lowering.temporary(), this.lowering.temporary()];
    this.lowering.emitMany('TopK', [logits, this.lowering.int64([perToken])], [values, indices]);
    const shares = this.lowering.emit('Softmax', [values], { attributes: { axis: -1 } });
    const none = this.multiply(logits, this.scalar(0));
    const weights = this.lowering.emit('ScatterElements', [none, indices, shares], { attributes: { axis: -1 } });
    return this.split(weights, Array<number>(count).fill(1));
  }

  addChosen(sum: string, _weight: string, make: () => string): string {
    return this.add(sum, make());
  }

  zeros(x: string): string {
    return this.multiply(x, this.scalar(0));
  }

  /** A length of 0 is that of x, -1 what is left. */
  protected reshape(x: string, shape: readonly number[]): string {
    return this.lowering.emit('Reshape', [x, this.lowering.int64(shape)]);
  }

  protected scalar(value: number): string {
    return this.lowering.scalar(value, this.dtype);
  }
}
