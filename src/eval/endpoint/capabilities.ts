/**
 * What a server can do, found out by asking for single tokens: servers of one protocol differ, and ignore silently what
 * they do not know. What was found is remembered for a day, unless the server was too busy to show all of it.
 */
import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import type { Outcome } from '../model/language-model.ts';
import type { EndpointClient } from './client.ts';
import { echoBody, readEcho } from './echo.ts';
import { statusInWords } from './error-status.ts';
import { type Completion, readChatCompletion, readCompletion } from './replies.ts';

const chatSchema = z.strictObject({
  /** How many of the likeliest first tokens come with an answer. */
  candidates: z.int().nonnegative(),
  /** Newer models of OpenAI refuse the older name. */
  maxTokensField: z.enum(['max_tokens', 'max_completion_tokens']),
});

const completionsSchema = z.strictObject({
  candidates: z.int().nonnegative(),
  /** Whether a text comes back with the log-probabilities of its tokens. */
  echo: z.boolean(),
});

const capabilitiesSchema = z.strictObject({
  /** Absent where there is no such route. */
  chat: chatSchema.optional(),
  completions: completionsSchema.optional(),
  contextLength: z.int().positive().optional(),
});

type ChatCapability = Readonly<z.infer<typeof chatSchema>>;
export type Capabilities = Readonly<z.infer<typeof capabilitiesSchema>>;

const rememberedSchema = z.strictObject({ time: z.number(), capabilities: capabilitiesSchema });
const rememberedFor = 24 * 3_600_000;
const memory = 'capabilities';

/** @throws UsageError if the server answers neither conversations nor texts, or is too busy to say */
export async function findCapabilities(client: EndpointClient, signal: AbortSignal): Promise<Capabilities> {
  const remembered = rememberedSchema.safeParse(await client.recall(memory)).data;
  const age = Date.now() - (remembered?.time ?? Number.NEGATIVE_INFINITY);
  if (remembered && age >= 0 && age < rememberedFor) return remembered.capabilities;
  const [chat, completions] = [await probeChat(client, signal), await probeCompletions(client, signal)];
  const mayPass = chat.mayPass || completions.mayPass;
  if (!chat.found && !completions.found) {
    throw new UsageError({
      field: 'endpoint',
      found: `neither an answer to a conversation (${chat.problem}) nor to a text (${completions.problem})`,
      expected: mayPass ? 'a server that has time for an answer' : 'a server with /chat/completions or /completions',
      fix: mayPass
        ? 'The server is busy or out of order: try again later, and look at its log and at the limits of the account.'
        : 'Check the address (it often ends in /v1) and the name of the model.',
    });
  }
  const contextLength = await probeContextLength(client, signal);
  const capabilities = { chat: chat.found, completions: completions.found, contextLength };
  if (!mayPass) await client.remember(memory, { time: Date.now(), capabilities });
  return capabilities;
}

interface Finding<T> {
  readonly found: T | undefined;
  /** Why nothing was found. */
  readonly problem: string;
  /** Whether more may be found another time: a request had no answer that says what the server can do. */
  readonly mayPass: boolean;
}

/** Servers allow 20 or 5 of the likeliest tokens, or refuse the field. */
const candidateCounts = [20, 5, 0];
const question = [{ role: 'user', content: 'Name a colour.' }];

async function probeChat(client: EndpointClient, signal: AbortSignal): Promise<Finding<ChatCapability>> {
  let problem = '';
  for (const maxTokensField of ['max_tokens', 'max_completion_tokens'] as const) {
    for (const asked of candidateCounts) {
      const logprobs = asked > 0 && { logprobs: true, top_logprobs: asked };
      const body = { messages: question, [maxTokensField]: 1, ...logprobs };
      const tried = await tryOut(client, { route: '/chat/completions', body, read: readChatCompletion }, signal);
      if (tried.value)
        return { found: { candidates: candidatesOf(tried.value), maxTokensField }, problem, mayPass: false };
      problem = tried.problem;
      if (!tried.refused) return { found: undefined, problem, mayPass: tried.mayPass };
      if (maxTokensField === 'max_tokens' && problem.includes('max_completion_tokens')) break;
    }
  }
  return { found: undefined, problem, mayPass: false };
}

/** Letters outside ASCII and a sign of two UTF-16 units, so that a server which mangles them is noticed. */
const echoText = 'Prices in Zürich rose by 3 €, to 15 \u{1f4b6} a share.';

async function probeCompletions(
  client: EndpointClient,
  signal: AbortSignal,
): Promise<Finding<NonNullable<Capabilities['completions']>>> {
  const route = '/completions';
  const read = (reply: unknown) => readEcho(reply, echoText);
  const echoed = await tryOut(client, { route, body: echoBody(echoText), read }, signal);
  let { problem, mayPass } = echoed;
  for (const asked of candidateCounts) {
    const body = { prompt: echoText, max_tokens: 1, ...(asked > 0 && { logprobs: asked }) };
    const tried = await tryOut(client, { route, body, read: readCompletion }, signal);
    if (tried.value) {
      return { found: { candidates: candidatesOf(tried.value), echo: echoed.value !== undefined }, problem, mayPass };
    }
    problem = tried.problem;
    mayPass ||= tried.mayPass;
    if (!tried.refused) break;
  }
  return { found: undefined, problem, mayPass };
}

interface Probe<T> {
  readonly route: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly read: (reply: unknown) => Outcome<T>;
}

interface Tried<T> {
  readonly value?: T;
  readonly problem: string;
  /** Whether the server may dislike only a field: less may be asked for. */
  readonly refused: boolean;
  readonly mayPass: boolean;
}

async function tryOut<T>(
  client: EndpointClient,
  { route, body, read }: Probe<T>,
  signal: AbortSignal,
): Promise<Tried<T>> {
  const reply = await client.probe({ route, body, expectedTokens: 32 }, signal);
  if (!reply.ok) return { problem: reply.failure.reason, refused: false, mayPass: reply.mayPass };
  const { status, text, json } = reply.value;
  if (json === undefined) {
    return { problem: statusInWords(status, text), refused: [400, 403, 422].includes(status), mayPass: false };
  }
  const outcome = read(json);
  if (outcome.ok) return { value: outcome.value, problem: '', refused: false, mayPass: false };
  return { problem: outcome.failure.reason, refused: false, mayPass: false };
}

/** As many as came, whatever was asked for. */
const candidatesOf = ({ tokens }: Completion): number => tokens?.[0]?.top.length ?? 0;

const modelList = z.object({ data: z.array(z.looseObject({ id: z.string() })) });
const length = z.int().positive();
/** The names that vLLM, gateways and llama.cpp give it. */
const lengthFields = z.union([
  z.object({ max_model_len: length }).transform((model) => model.max_model_len),
  z.object({ context_length: length }).transform((model) => model.context_length),
  z.object({ context_window: length }).transform((model) => model.context_window),
  z.object({ meta: z.object({ n_ctx: length }) }).transform((model) => model.meta.n_ctx),
]);

async function probeContextLength(client: EndpointClient, signal: AbortSignal): Promise<number | undefined> {
  const reply = await client.probe({ route: '/models', expectedTokens: 0 }, signal);
  const models = reply.ok ? modelList.safeParse(reply.value.json).data?.data : undefined;
  return lengthFields.safeParse(models?.find(({ id }) => id === client.model)).data;
}
