/** An encoder as a GGUF file has it: BERT, and RoBERTa with the rows of positions that no text reads left out. */
import type { JsonObject } from '../../files/json-file.ts';
import { describeEncoder } from '../../models/registry.ts';
import type { EncoderDescription } from '../../models/transformer/description.ts';
import { f32, flag, type GgufForm, prefixed, type TensorConversion, text, u32 } from './form.ts';
import { type Pooling, poolingMetadata } from './pooling-types.ts';
import { encoderTensorNames } from './tensor-names.ts';

/** The architecture that all of them have there. */
export const encoderArchitecture = 'bert';

/** @param pooling undefined for a file that leaves it to whoever opens it */
export function encoderForm(config: JsonObject, pooling: Pooling | undefined): GgufForm {
  const description = describeEncoder(config);
  const { sizes, norm, activation } = description;
  const fields = {
    vocab_size: u32(sizes.vocabulary),
    context_length: u32(sizes.positions),
    embedding_length: u32(sizes.hidden),
    block_count: u32(sizes.layers),
    feed_forward_length: u32(sizes.intermediate),
    'attention.head_count': u32(sizes.heads),
    'attention.layer_norm_epsilon': f32(norm.epsilon),
    'attention.causal': flag(false),
    ...(activation !== 'gelu' && { hidden_activation: text('gelu_pytorch_tanh') }),
    ...poolingMetadata(pooling),
  };
  return {
    architecture: encoderArchitecture,
    metadata: {
      ...prefixed(encoderArchitecture, fields),
      'tokenizer.ggml.token_type_count': u32(description.tokenTypes),
    },
    names: encoderTensorNames(description),
    vocabulary: sizes.vocabulary,
    tied: true,
    layersAround: () => sizes.layers,
    conversionOf: (_, name, shape) => withoutUnreadRows(description, name, shape),
    added: [],
    notes:
      activation === 'gelu'
        ? ['llama.cpp computes GELU by its approximation with tanh, of values in half precision']
        : [],
  };
}

/** Positions begin with the row of a text's first token. */
function withoutUnreadRows(
  { names, firstPosition, sizes }: EncoderDescription,
  name: string,
  shape: readonly number[],
): TensorConversion | undefined {
  if (name !== names.positions || firstPosition === 0) return undefined;
  const { hidden } = sizes;
  return {
    shape: [shape[0] - firstPosition, hidden],
    convert: (values) => values.subarray(firstPosition * hidden),
  };
}
