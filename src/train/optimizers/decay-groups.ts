/**
 * Which parameters weight decay applies to, and which are matrices inside a model.
 *
 * The rule of decay: matrices decay; everything with fewer than two dimensions (biases, norm gains) does not, nor does a norm kept
 * in another shape (recognised by name). Embeddings decay by default, as in GPT-style training; `exemptEmbeddings` spares
 * them, because decay also shrinks the rows of tokens that a batch does not contain.
 */
import type { ParameterShape } from '../../kernels/allocate-parameters.ts';

export interface DecayRule {
  readonly exemptEmbeddings?: boolean;
}

/** `model.norm.weight`, `input_layernorm.weight`, `q_norm.weight`, `ln_f.weight`, `ln_1.weight`. */
const norm = /(^|[._])(rms_?norm|layer_?norm|norm|ln_\w+)(\.weight)?$/i;

/** Names of embedding tables in Hugging Face models: Llama and Qwen, OPT, GPT-2, BERT, T5. */
const embedding =
  /(^|\.)(embed_tokens|embed_positions|wte|wpe|(word|position|token_type)_embeddings|shared|relative_attention_bias)(\.weight)?$/;

export function decays({ name, shape }: ParameterShape, rule: DecayRule = {}): boolean {
  if (shape.length < 2 || norm.test(name)) return false;
  return !(rule.exemptEmbeddings && embedding.test(name));
}

/** Names of output tables that are not the embedding. */
const head = /(^|\.)(lm_head|embed_out)(\.weight)?$/;

/** Matrices from hidden states to hidden states, whose rows and columns are directions of one kind each. */
export const isHiddenMatrix = ({ name, shape }: ParameterShape): boolean =>
  shape.length === 2 && ![norm, embedding, head].some((names) => names.test(name));
