/** Parameters of RoBERTa: BERT's. */
export { names } from '../bert/weights.ts';
