/** Adapters as after training, for tests: every number of theirs leaves its mark. */
import { stream } from '../../random/stream.ts';
import { type AdaptedModel, attachAdapter } from '../attach.ts';
import type { BaseModel } from '../base-model.ts';
import type { AdapterSettings } from '../settings.ts';

/** A new adapter whose B and magnitudes were moved away from where they begin. */
export function randomAdapter(model: BaseModel, settings: AdapterSettings, seed = 1): AdaptedModel {
  const adapted = attachAdapter(model, settings, { seed });
  for (const [name, { b, magnitude }] of adapted.adapter.modules) {
    const random = stream(seed, 'trained', name);
    for (let i = 0; i < b.length; i++) b[i] = 0.3 * random.normal();
    if (magnitude) for (let i = 0; i < magnitude.length; i++) magnitude[i] *= 1 + 0.2 * random.normal();
  }
  return adapted;
}
