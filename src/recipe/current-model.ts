/** The one model that a run holds in memory, and which result its weights are at the moment. */
import { openCheckpoint } from '../checkpoint/huggingface/open-checkpoint.ts';
import type { TrainableModel } from '../models/model.ts';

export class CurrentModel {
  readonly model: TrainableModel;
  #key: string | undefined;

  /** @param key hash of the model as it is */
  constructor(model: TrainableModel, key: string) {
    this.model = model;
    this.#key = key;
  }

  /** Reads the weights of a result, unless they are there. */
  async become(key: string, checkpoint: string): Promise<TrainableModel> {
    if (this.#key !== key) {
      await this.#read(checkpoint);
      this.#key = key;
    }
    return this.model;
  }

  /** The model for training, with moments of nothing: from now on its weights are those of no result. */
  begin(): TrainableModel {
    this.#key = undefined;
    for (const { m, v } of this.model.parameters.values()) {
      m.fill(0);
      v.fill(0);
    }
    return this.model;
  }

  async #read(folder: string): Promise<void> {
    const checkpoint = await openCheckpoint(folder);
    try {
      await checkpoint.readAllInto([...this.model.parameters].map(([name, { weight }]) => [name, weight]));
    } finally {
      await checkpoint.close();
    }
  }
}
