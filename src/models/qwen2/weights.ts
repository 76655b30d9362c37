/** Parameters of Qwen2: the names are Llama's. */
export { usualNames as names } from '../transformer/names.ts';
