/** Parameters of the Llama family under their Hugging Face names. */
export { usualNames as names } from '../transformer/names.ts';
