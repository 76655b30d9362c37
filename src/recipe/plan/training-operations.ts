/** Floating-point operations of training, for telling how much work a stage is. */
import { type AdaptableStack, stacksOf } from '../../adapters/target-modules.ts';
import { elementCount } from '../../graph/tensor.ts';
import type { Decoder, Layers } from '../../models/decoder.ts';
import type { EncoderDecoder } from '../../models/encoder-decoder.ts';
import type { IsTrained } from '../../objectives/layers/graphs.ts';

export interface StepShape {
  readonly rows: number;
  readonly length: number;
  /** Which parameters are trained, by checkpoint name. Default: all. */
  readonly isTrained?: IsTrained;
}

/**
 * Of one forward and backward pass over [rows, length] places: 6 for each entry of every matrix that multiplies (the head
 * is one, the lookup of embeddings is not) and each place (Kaplan et al. 2020, arXiv:2001.08361, section 2.1), and 6 x
 * layers x width x length for the causal half of attention. A matrix that is frozen under an adapter has no
 * gradient of its own to be computed and takes 4. A matrix of an expert counts for the share of tokens that it is sent. What
 * is computed twice or in vain does not count.
 */
export function passOperations(model: Decoder, { rows, length, isTrained = () => true }: StepShape): number {
  const { layers, heads, headSize, hidden, vocabulary } = model.sizes;
  const factor = factorOf(isTrained);
  const products = blockProducts(model, isTrained) + factor(model.names.head) * vocabulary * hidden;
  return rows * length * (products + 6 * layers * heads * headSize * length);
}

/** Of so many tokens of texts that learn to be vectors: as above, without a head and without what attention takes. */
export const vectorOperations = (model: Layers, tokens: number, isTrained: IsTrained = () => true): number =>
  tokens * blockProducts(model, isTrained);

/** Of so many tokens of texts and of answers to them: as above, without what attention takes. */
export function pairOperations(
  { encoder, decoder, sizes, names }: EncoderDecoder,
  { inputTokens, targetTokens }: { readonly inputTokens: number; readonly targetTokens: number },
  isTrained: IsTrained = () => true,
): number {
  const head = factorOf(isTrained)(names.head) * sizes.vocabulary * sizes.hidden;
  return inputTokens * stackProducts(encoder, isTrained) + targetTokens * (stackProducts(decoder, isTrained) + head);
}

const factorOf = (isTrained: IsTrained) => (name: string) => (isTrained(name) ? 6 : 4);

const blockProducts = (model: Layers, isTrained: IsTrained): number =>
  stackProducts({ ...stacksOf(model)[0], experts: model.experts }, isTrained);

/** For each token, of the matrices of all blocks. */
function stackProducts(
  { layers, blockParameters, blockParameterName, experts }: AdaptableStack & Pick<Layers, 'experts'>,
  isTrained: IsTrained,
): number {
  const ofBlock = Object.entries(blockParameters)
    .filter(([, shape]) => shape.length === 2)
    .map(
      ([name, shape]) =>
        factorOf(isTrained)(blockParameterName(0, name)) * shareOfTokens(experts, name) * elementCount(shape),
    );
  return layers * ofBlock.reduce((sum, count) => sum + count, 0);
}

/** Of the tokens that pass through a linear layer; through each expert as many as through the others. */
const shareOfTokens = (experts: Layers['experts'], parameter: string): number =>
  experts?.groupedName(parameter) === undefined ? 1 : experts.perToken / experts.count;
