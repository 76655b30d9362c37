/** The one model that a run holds in memory, and which result its weights are at the moment. */
import { type AdaptedModel, attachAdapter } from '../adapters/attach.ts';
import { loadQuantizedModel } from '../adapters/nf4/quantized-model.ts';
import { type AdapterSettings, packsBase } from '../adapters/settings.ts';
import { loadModel, type Model, type Purpose, type TrainableModel } from '../models/model.ts';
import { readParameters } from '../models/model-checkpoint.ts';
import type { TrainedModel } from '../train/trained-model.ts';

/** A model that is kept in a folder. */
export interface KeptModel {
  /** Hash of the model. */
  readonly key: string;
  readonly checkpoint: string;
}

export class CurrentModel {
  readonly #purpose: Purpose;
  #model: Model | undefined;
  #key: string | undefined;

  /** @param key hash of the model as it is @param purpose what it was opened for */
  constructor(model: Model, { key, purpose }: { readonly key: string; readonly purpose: Purpose }) {
    this.#model = model;
    this.#key = key;
    this.#purpose = purpose;
  }

  /** Reads the weights of a result, unless they are there. */
  async become({ key, checkpoint }: KeptModel): Promise<Model> {
    if (this.#model === undefined) {
      this.#model = await loadModel(checkpoint, this.#purpose);
    } else if (this.#key !== key) {
      this.#key = undefined;
      await readParameters(
        checkpoint,
        [...this.#model.parameters].map(([name, { weight }]) => [name, weight]),
      );
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
  async train(start: KeptModel): Promise<TrainableModel> {
    const model = asTrainable(await this.become(start));
    this.#key = undefined;
    for (const { m, v } of model.parameters.values()) {
      m.fill(0);
      v.fill(0);
    }
    return model;
  }

  /** The model with a new adapter over it, which is trained alone: its own weights stay what they are. */
  async adapt(start: KeptModel, settings: AdapterSettings, { seed }: { readonly seed: number }): Promise<AdaptedModel> {
    if (!packsBase(settings.method)) return attachAdapter(await this.become(start), settings, { seed });
    // Four bits are for where memory is short: the model in float32 goes first, and is read again when it is asked for.
    this.#model = undefined;
    return attachAdapter(await loadQuantizedModel(start.checkpoint), settings, { seed });
  }

  /** What a stage would train, for steps that change no weight. */
  probe(adapter: AdapterSettings | undefined): TrainedModel {
    if (this.#model === undefined) throw new Error('a model is timed before anything is trained');
    return adapter ? attachAdapter(this.#model, adapter, { seed: 0 }) : asTrainable(this.#model);
  }
}

function asTrainable(model: Model): TrainableModel {
  if (isTrainable(model)) return model;
  throw new Error('the model was opened without gradients and moments');
}

const isTrainable = (model: Model): model is TrainableModel =>
  [...model.parameters.values()].every(({ gradient, m, v }) => gradient && m && v);
