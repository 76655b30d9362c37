/** The vector that a server gives a text. */
import { z } from 'zod';
import type { Outcome } from '../model/language-model.ts';
import { estimatedTokens } from './answer.ts';
import type { EndpointClient } from './client.ts';
import { failed, succeeded } from './outcome.ts';

/** Larger than that of any model. */
const mostDimensions = 65_536;

const replySchema = z.object({
  data: z.array(z.object({ embedding: z.array(z.number()).min(1).max(mostDimensions) })).length(1),
});

export function askForEmbedding(
  client: EndpointClient,
  text: string,
  signal: AbortSignal,
): Promise<Outcome<Float32Array>> {
  const body = { input: text, encoding_format: 'float' };
  return client.ask({ route: '/embeddings', body, expectedTokens: estimatedTokens(text), read: readEmbedding }, signal);
}

function readEmbedding(reply: unknown): Outcome<Float32Array> {
  const parsed = replySchema.safeParse(reply);
  return parsed.success
    ? succeeded(Float32Array.from(parsed.data.data[0].embedding))
    : failed('failed', 'a reply that is not one vector for one text');
}
