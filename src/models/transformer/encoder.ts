/** Encoders: out of the description of an architecture, and out of a decoder. */
import type { Decoder } from '../decoder.ts';
import type { Encoder } from '../encoder.ts';
import type { EncoderDescription } from './description.ts';
import { outerNorm, transformerLayers } from './layers.ts';
import { encoderParameters } from './parameters.ts';

export function transformerEncoder(description: EncoderDescription): Encoder {
  const { names, firstPosition, carried, beside } = description;
  const { embedding, positions, tokenTypes } = names;
  return {
    ...transformerLayers(description),
    parameters: encoderParameters(description),
    names: { embedding, positions, tokenTypes },
    firstPosition,
    embeddingScale: 1,
    embeddingNorm: outerNorm(names.embeddingNorm, description),
    finalNorm: undefined,
    carried,
    isBeside: (name) => beside.test(name),
  };
}

/** Rotary frequencies and GPT-2's causal masks, which older checkpoints carry. */
const followsFromConfig = /\.rotary_emb\.inv_freq$|\.attn\.(masked_)?bias$/;

/** A decoder without its head: the hidden states that its last norm gives. */
export function decoderAsEncoder(decoder: Decoder): Encoder {
  const { names, parameters, tied, finalNorm, ...layers } = decoder;
  const { embedding, positions, head } = names;
  return {
    ...layers,
    parameters: parameters.filter(({ name }) => tied || name !== head),
    names: { embedding, positions, tokenTypes: undefined },
    firstPosition: 0,
    embeddingNorm: undefined,
    finalNorm,
    carried: {},
    isBeside: (name) => name === 'lm_head.weight' || name === head || followsFromConfig.test(name),
  };
}
