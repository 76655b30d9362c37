/** An encoder-decoder whose linear layers are adapted, on either side. It trains, scores and answers as any other. */
import type { EncoderDecoder, Stack } from '../models/encoder-decoder.ts';
import { adaptedProjection, adapterParameters, adapterShapes, type LayerSettings } from './adapted-layers.ts';
import type { LinearModule } from './target-modules.ts';

/** @param modules those of the encoder's blocks and those of the decoder's, as `resolveTargetsIn` gives them */
export function adaptEncoderDecoder(
  base: EncoderDecoder,
  [inEncoder, inDecoder]: readonly (readonly LinearModule[])[],
  settings: LayerSettings,
): EncoderDecoder {
  const projection = () => adaptedProjection(inDecoder, settings).project;
  return {
    ...base,
    parameters: [
      ...base.parameters,
      ...adapterParameters(base.encoder, inEncoder, settings),
      ...adapterParameters(base.decoder, inDecoder, settings),
    ],
    encoder: adaptStack(base.encoder, inEncoder, settings),
    decoder: adaptStack(base.decoder, inDecoder, settings),
    memoryKeysAndValues: (states, weights, rows) => base.memoryKeysAndValues(states, weights, rows, projection()),
    writingBlock: (hidden, weights, context) =>
      base.writingBlock(hidden, weights, { ...context, project: projection() }),
  };
}

const adaptStack = (base: Stack, modules: readonly LinearModule[], settings: LayerSettings): Stack => ({
  ...base,
  blockParameters: { ...base.blockParameters, ...adapterShapes(modules, settings) },
  block(hidden, weights, context) {
    const { project, keep } = adaptedProjection(modules, settings);
    const result = base.block(hidden, weights, { ...context, project });
    return { ...result, keep: { ...result.keep, ...keep } };
  },
});
