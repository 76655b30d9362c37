/** The one model that a run holds in memory, and which result its weights are at the moment. */
import type { AdapterSettings } from '../adapters/settings.ts';
import type { Parameter } from '../kernels/allocate-parameters.ts';
import type { Model, Purpose } from '../models/model.ts';
import type { ModelKind } from './model-kinds.ts';

/** A model that is kept in a folder. */
export interface KeptModel {
  /** Hash of the model. */
  readonly key: string;
  readonly checkpoint: string;
}

type WithParameters = Pick<Model, 'parameters'>;

/** A model whose parameters have gradients and moments. */
type Trainable<Whole> = Omit<Whole, 'parameters'> & { readonly parameters: ReadonlyMap<string, Parameter> };

export interface CurrentModelOptions<Whole, Adapted> {
  /** Hash of the model as it is. */
  readonly key: string;
  /** What it was opened for. */
  readonly purpose: Purpose;
  readonly kind: ModelKind<Whole, Adapted>;
}

export class CurrentModel<Whole extends WithParameters, Adapted> {
  readonly #purpose: Purpose;
  readonly #kind: ModelKind<Whole, Adapted>;
  #model: Whole | undefined;
  #key: string | undefined;

  constructor(model: Whole, { key, purpose, kind }: CurrentModelOptions<Whole, Adapted>) {
    this.#model = model;
    this.#key = key;
    this.#purpose = purpose;
    this.#kind = kind;
  }

  /** Reads the weights of a result, unless they are there. */
  async become({ key, checkpoint }: KeptModel): Promise<Whole> {
    if (this.#model === undefined) {
      this.#model = await this.#kind.load(checkpoint, this.#purpose);
    } else if (this.#key !== key) {
      this.#key = undefined;
      const targets = [...this.#model.parameters].map(([name, { weight }]) => [name, weight] as const);
      await this.#kind.read(checkpoint, targets);
    }
    this.#key = key;
    return this.#model;
  }

  /** Gives the memory of the model back; it is read again when it is asked for. */
  release(): void {
    this.#model = undefined;
    this.#key = undefined;
  }

  /** The model to be trained as a whole, with moments of nothing: from now on its weights are those of no result. */
  async train(start: KeptModel): Promise<Trainable<Whole>> {
    const model = asTrainable(await this.become(start));
    this.#key = undefined;
    for (const { m, v } of model.parameters.values()) {
      m.fill(0);
      v.fill(0);
    }
    return model;
  }

  /** The model with a new adapter over it, which is trained alone: its own weights stay what they are. */
  async adapt(start: KeptModel, settings: AdapterSettings, { seed }: { readonly seed: number }): Promise<Adapted> {
    const packed = this.#kind.attachPacked(start.checkpoint, settings, { seed });
    if (!packed) return this.#kind.attach(await this.become(start), settings, { seed });
    // Four bits are for where memory is short: the model in float32 goes first, and is read again when it is asked for.
    this.#model = undefined;
    return packed;
  }

  /** What a stage would train, for steps that change no weight. */
  probe(adapter: AdapterSettings | undefined): Trainable<Whole> | Adapted {
    if (this.#model === undefined) throw new Error('a model is timed before anything is trained');
    return adapter ? this.#kind.attach(this.#model, adapter, { seed: 0 }) : asTrainable(this.#model);
  }
}

function asTrainable<Whole extends WithParameters>(model: Whole): Trainable<Whole> {
  const { parameters, ...rest } = model;
  return { ...rest, parameters: trainableOf(parameters) };
}

function trainableOf(parameters: WithParameters['parameters']): ReadonlyMap<string, Parameter> {
  if (hasMoments(parameters)) return parameters;
  throw new Error('the model was opened without gradients and moments');
}

const hasMoments = (parameters: WithParameters['parameters']): parameters is ReadonlyMap<string, Parameter> =>
  [...parameters.values()].every(({ gradient, m, v }) => gradient && m && v);
