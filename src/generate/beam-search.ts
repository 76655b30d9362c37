/**
 * Beam search on a frozen model: the prompt is read once, then every live beam is extended by one token in each step, all
 * of them as one batch. Which beams live is decided in `beam/`, by the rules of Hugging Face transformers.
 */
import { UsageError } from '../errors.ts';
import type { Engine } from '../runtime/engine.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { BeamAnswer } from './beam/answers.ts';
import { type BeamMove, BeamSearch } from './beam/beam-search.ts';
import type { BeamSettings } from './beam/settings.ts';
import type { CachedSequence, KvCache } from './cache/kv-cache.ts';
import { PlainCache } from './cache/plain-cache.ts';
import type { FrozenModel } from './frozen/frozen-model.ts';
import { pieceLength } from './piece-length.ts';
import { refuseOtherFields } from './refuse-other-fields.ts';
import { type Completion, checkRequest } from './request.ts';
import { spelledIds } from './spelled-ids.ts';
import { TextStream } from './text/text-stream.ts';

/**
 * Beams are compared by what the model itself gives them. So there is no temperature and there are no penalties, which
 * change what is compared; nor stop strings, constraints and tools. Any other field is refused.
 */
export interface BeamRequest extends Pick<BeamSettings, 'maxTokens' | 'lengthPenalty' | 'earlyStopping'> {
  /** Token ids that the answers continue. */
  readonly prompt: ArrayLike<number>;
  /** Beginnings that are followed at once. From 1 to 1024. */
  readonly beams: number;
  /** Answers to return, at most `beams`. Default: 1. */
  readonly n?: number;
  /** Tokens that end an answer. Default: the tokenizer's end token. */
  readonly stopIds?: readonly number[];
  /** Looked at before each step. */
  readonly signal?: AbortSignal;
  /** With `beams` free places, and used by nobody else until the search ends. Default: one of its own. */
  readonly cache?: KvCache;
}

export interface BeamCompletion extends Completion {
  /** Of all tokens, the end token included, in nats. */
  readonly logProbability: number;
  /** The log-probability over the count of tokens to the power of the length penalty. */
  readonly score: number;
}

/** Of a request. */
const fields: Readonly<Record<keyof BeamRequest, true>> = {
  prompt: true,
  maxTokens: true,
  beams: true,
  n: true,
  lengthPenalty: true,
  earlyStopping: true,
  stopIds: true,
  signal: true,
  cache: true,
};

/** Tokens of the prompt that are read in one step, at most. */
const longestPiece = 512;

const mostBeams = 1024;

/**
 * @returns at most `n` answers, best score first; `index` is the rank
 * @throws UsageError or InputError naming what cannot be; the signal's reason once it is aborted
 */
export async function beamSearch(
  engine: Engine,
  model: FrozenModel,
  tokenizer: Tokenizer,
  request: BeamRequest,
): Promise<BeamCompletion[]> {
  const { beams, n = 1, lengthPenalty, earlyStopping, signal } = request;
  signal?.throwIfAborted();
  const { sizes } = model.decoder;
  refuseOtherFields(request, {
    names: Object.keys(fields),
    owner: 'beam search',
    fix: 'Leave it out, or use a Generator: beams are compared by the probabilities of the model itself.',
  });
  requireBeams(beams, request.cache);
  const { prompt, maxTokens, stopIds } = checkRequest(request, {
    vocabulary: sizes.vocabulary,
    capacity: Math.min(model.positions, request.cache?.capacity ?? model.positions),
    slots: beams,
    endId: tokenizer.eosId,
  });
  const settings = { numBeams: beams, numReturnSequences: n, maxTokens, lengthPenalty, earlyStopping, endIds: stopIds };
  const search = new BeamSearch(settings, sizes.vocabulary);
  const spelled = spelledIds(tokenizer.vocabSize, sizes.vocabulary);
  const advance = (logits: readonly Float32Array[]) =>
    search.advance(
      logits,
      logits.map(() => spelled),
    );
  const capacity = prompt.length + maxTokens;
  const cache = request.cache ?? new PlainCache(engine, model.decoder, { slots: beams, capacity });
  let live = [cache.open(prompt)!];
  try {
    let logits = await readPrompt(model, cache, live[0], { prompt, signal });
    for (let moves = advance(logits); moves.length > 0; moves = advance(logits)) {
      signal?.throwIfAborted();
      live = follow(live, moves);
      const tokens = moves.map(({ id }) => [id]);
      logits = await read(model, cache, live, tokens);
    }
  } finally {
    for (const sequence of live) sequence.release();
  }
  return search.finish().map((answer, index) => completionOf(answer, index, { prompt, stopIds, tokenizer }));
}

/** In steps of about equal length: a single token at the end would be rounded in another way. */
async function readPrompt(
  model: FrozenModel,
  cache: KvCache,
  sequence: CachedSequence,
  { prompt, signal }: { readonly prompt: readonly number[]; readonly signal: AbortSignal | undefined },
): Promise<Float32Array[]> {
  for (;;) {
    signal?.throwIfAborted();
    const left = prompt.length - sequence.length;
    const piece = prompt.slice(sequence.length, sequence.length + pieceLength(left, longestPiece, sequence.stepTokens));
    const logits = await read(model, cache, [sequence], [piece]);
    if (piece.length === left) return logits;
  }
}

/**
 * One step.
 * @param pieces of each sequence the tokens that it goes on with, equally many
 * @returns of each sequence the logits after its last token, [vocabulary]
 */
async function read(
  model: FrozenModel,
  cache: KvCache,
  sequences: readonly CachedSequence[],
  pieces: readonly (readonly number[])[],
): Promise<Float32Array[]> {
  const pieceOf = new Map(sequences.map((sequence, i) => [sequence, pieces[i]]));
  const { length } = pieces[0];
  const view = cache.view(sequences);
  const step = model.prepare(view, { length });
  try {
    const before = view.sequences.map((sequence) => sequence.length);
    await step.run(
      view.sequences.flatMap((sequence) => pieceOf.get(sequence)!),
      before,
    );
    for (const [sequence, piece] of pieceOf) sequence.append(piece, { shared: length > 1 });
    const { vocabulary } = model.decoder.sizes;
    const rowOf = new Map(view.sequences.map((sequence, row) => [sequence, row * vocabulary]));
    return sequences.map((sequence) => {
      const start = rowOf.get(sequence)!;
      return step.logits.subarray(start, start + vocabulary);
    });
  } finally {
    step.release();
    view.release();
  }
}

/** A sequence for each move. What no beam goes on from is given back first, so that no more places than beams are needed. */
function follow(live: readonly CachedSequence[], moves: readonly BeamMove[]): CachedSequence[] {
  const continued = new Set(moves.map(({ from }) => from));
  live.forEach((sequence, beam) => {
    if (!continued.has(beam)) sequence.release();
  });
  // The first of several children keeps the sequence: `delete` is true for it alone.
  return moves.map(({ from }) => (continued.delete(from) ? live[from] : live[from].fork()!));
}

function completionOf(
  { ids, logProbabilities, sum, score, isEnded }: BeamAnswer,
  index: number,
  {
    prompt,
    stopIds,
    tokenizer,
  }: { readonly prompt: readonly number[]; readonly stopIds: readonly number[]; readonly tokenizer: Tokenizer },
): BeamCompletion {
  const stream = new TextStream(tokenizer, { stopTokenIds: stopIds, skipSpecialTokens: true, context: prompt });
  let text = '';
  for (const id of ids) text += stream.push(id);
  return {
    index,
    text: text + stream.finish(),
    tokens: ids.map((id, i) => ({ id, logProbability: logProbabilities[i], top: [], sampled: true })),
    finishReason: isEnded ? 'stop' : 'length',
    stoppedBy: isEnded ? ids[ids.length - 1] : undefined,
    logProbability: sum,
    score,
  };
}

function requireBeams(beams: number, cache: KvCache | undefined): void {
  const most = Math.min(mostBeams, cache?.free ?? mostBeams);
  if (Number.isInteger(beams) && beams >= 1 && beams <= most) return;
  throw new UsageError({
    field: 'beams',
    found: String(beams),
    expected: `an integer from 1 to ${most}`,
    fix: cache && beams > most ? 'Follow fewer beams, or give the cache more slots.' : 'Choose a number in that range.',
  });
}
