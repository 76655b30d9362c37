/** Parameters of Mistral: the names are Llama's. */
export { usualNames as names } from '../transformer/names.ts';
