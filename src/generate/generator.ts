/**
 * Continuous batching: any number of requests share the model. Each turn of the loop takes in what is waiting while there
 * is room, reads one piece of one prompt, and extends every answer that is under way by one token. Steps run on a
 * thread of the engine's, so the caller's thread stays free between them.
 *
 * The same request gives the same tokens whatever else is under way: a row of a step does not depend on the other rows,
 * prompts are cut into pieces that all give the same bits, and each answer has random numbers of its own.
 */
import { FineryError, UsageError } from '../errors.ts';
import type { Engine } from '../runtime/engine.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { CachedSequence, CacheView, KvCache } from './cache/kv-cache.ts';
import { PlainCache } from './cache/plain-cache.ts';
import type { FrozenAdapter } from './frozen/adapter.ts';
import type { FrozenModel, FrozenStep } from './frozen/frozen-model.ts';
import { Generation } from './generation.ts';
import { pieceLength } from './piece-length.ts';
import {
  type CheckedRequest,
  type Completion,
  checkRequest,
  type GenerationRequest,
  type PromptToken,
  refuseUnknownFields,
} from './request.ts';
import { logNormalizer } from './sampling/log-normalizer.ts';
import { LogitsRow } from './sampling/logits-row.ts';
import { Sequence } from './sequence.ts';
import { spelledIds } from './spelled-ids.ts';
import type { ToolInsertion } from './tools/tool-insertion.ts';
import type { ToolCall } from './tools/tool-watcher.ts';

export interface GeneratorOptions {
  /** Answers at once. Default: 8. */
  readonly slots?: number;
  /** Tokens of a prompt and its answer, at most. Default: what the model was made for, at most 4096. */
  readonly capacity?: number;
  /**
   * How far behind its end a sequence may share what it read, in tokens, if layers have windows: a prompt that leaves an
   * earlier one before that is read from its beginning. More takes more memory. Default: 1024.
   */
  readonly rewind?: number;
  /**
   * Let a prompt that repeats an earlier answer, as the next turn of a conversation does, use what the cache holds of
   * the answer. Saves time; but an answer may then differ in the last bits from that of a generator that has not seen
   * the earlier one. Default: false.
   */
  readonly shareAnswers?: boolean;
  /** For all requests, from the same model, frozen for adapters (`FrozenModel.adapter`). Stays the caller's. Default: none. */
  readonly adapter?: FrozenAdapter;
  /** Another layout of the cache. It may not know anything that was read with other weights. */
  readonly cache?: KvCache;
}

/** Tokens of a prompt that are read in one step: alone, and while answers are under way, which wait for it. */
const pieceTokens = { alone: 512, shared: 128 };

/** As `pieceTokens`, where logits of all of them are wanted. */
const scoredPieceTokens = 64;

/** Between looks at a cache without free places. */
const pollMilliseconds = 20;

interface Job {
  readonly request: CheckedRequest;
  readonly generation: Generation;
  /** Answers to be, the first of which reads the prompt. */
  readonly sequences: Sequence[];
  readonly completions: Completion[];
  readonly promptTokens: PromptToken[] | undefined;
  /** Whether it ends with the next turn, and why: nobody wants the rest, or a tool said what cannot be inserted. */
  cancelled?: { readonly reason: unknown };
  ended?: boolean;
  /** Aborted when the job is over: tools need not go on. */
  readonly over: AbortController;
}

/** One answer of a request. */
interface Member {
  readonly job: Job;
  readonly sequence: Sequence;
}

/** The answers that are extended together, as one batch. */
interface Batch {
  readonly members: readonly Member[];
  readonly view: CacheView;
  readonly step: FrozenStep;
}

export class Generator {
  readonly capacity: number;
  readonly #model: FrozenModel;
  readonly #adapter: FrozenAdapter | undefined;
  readonly #tokenizer: Tokenizer;
  readonly #spelled: Uint32Array | undefined;
  readonly #cache: KvCache;
  /** The same where nobody else has it. */
  readonly #ownCache?: PlainCache;
  readonly #shareAnswers: boolean;
  readonly #waiting: Job[] = [];
  /** With tokens to read: a prompt, or what a tool said. */
  readonly #reading: Member[] = [];
  /** With one token to read, the last one chosen. */
  readonly #writing: Member[] = [];
  /** Waiting for a tool. */
  readonly #calling = new Map<Member, Promise<void>>();
  #batch: Batch | undefined;
  #loop: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #closed = false;

  /** @throws UsageError if the cache would not fit into memory, or if the model takes no adapter */
  constructor(engine: Engine, model: FrozenModel, tokenizer: Tokenizer, options: GeneratorOptions = {}) {
    const { slots = 8, capacity = Math.min(model.positions, 4096), rewind, shareAnswers = false } = options;
    if (capacity > model.positions) {
      throw new UsageError({
        field: 'capacity',
        found: String(capacity),
        expected: `at most the ${model.positions} positions of the model`,
        fix: 'Lower it.',
      });
    }
    // Its segments would not notice.
    if (options.adapter && !model.takesAdapters) {
      throw new UsageError({
        field: 'adapter',
        found: 'an adapter for a model that was frozen without',
        expected: 'a model that was frozen for adapters',
        fix: 'Freeze it with { adapters: true }.',
      });
    }
    this.#model = model;
    this.#adapter = options.adapter;
    this.#tokenizer = tokenizer;
    this.#spelled = spelledIds(tokenizer.vocabSize, model.decoder.sizes.vocabulary);
    if (!options.cache) this.#ownCache = new PlainCache(engine, model.decoder, { slots, capacity, rewind });
    this.#cache = options.cache ?? this.#ownCache!;
    this.capacity = this.#cache.capacity;
    this.#shareAnswers = shareAnswers;
  }

  /** Answers under way and requests that wait. */
  get load(): { readonly waiting: number; readonly running: number } {
    const running = this.#reading.length + this.#writing.length + this.#calling.size;
    return { waiting: this.#waiting.length, running };
  }

  /**
   * Begins to answer. What is wrong with stop strings, tools or a constraint shows when the answer begins, and rejects it.
   * @throws UsageError or InputError naming what else cannot be
   */
  generate(request: GenerationRequest): Generation {
    if (this.#closed) throw new Error('the generator is closed');
    const { signal } = request;
    signal?.throwIfAborted();
    refuseUnknownFields(request);
    const { sizes } = this.#model.decoder;
    const checked = checkRequest(request, {
      vocabulary: sizes.vocabulary,
      capacity: this.capacity,
      slots: this.#cache.slots,
      endId: this.#tokenizer.eosId,
    });
    const cancel = (reason: unknown) => {
      job.cancelled ??= { reason };
      this.#wake?.();
    };
    const generation = new Generation(() => cancel(new DOMException('The request was cancelled.', 'AbortError')));
    const onAbort = () => cancel(signal!.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const promptTokens = request.promptLogProbabilities ? [null] : undefined;
    const over = new AbortController();
    const job: Job = { request: checked, generation, sequences: [], completions: [], promptTokens, over };
    generation.result.catch(() => {}).finally(() => signal?.removeEventListener('abort', onAbort));
    this.#waiting.push(job);
    this.#wake?.();
    this.#loop ??= this.#run();
    return generation;
  }

  /**
   * Cancels what is under way, waits until nothing runs and gives the memory of the cache back. The frozen model, and a cache
   * that was given, stay the caller's.
   */
  async close(): Promise<void> {
    this.#closed = true;
    const reason = new DOMException('The generator was closed.', 'AbortError');
    for (const job of this.#jobs()) job.cancelled ??= { reason };
    this.#wake?.();
    await this.#loop;
    this.#ownCache?.close();
  }

  #jobs(): Set<Job> {
    const members = [...this.#reading, ...this.#writing, ...this.#calling.keys()];
    return new Set([...this.#waiting, ...members.map(({ job }) => job)]);
  }

  async #run(): Promise<void> {
    try {
      // The caller's turn ends first, so that requests made together begin together.
      await undefined;
      while (this.#jobs().size > 0) {
        this.#dropCancelled();
        this.#admit();
        await this.#read();
        await this.#write();
        if (this.#reading.length + this.#writing.length === 0) await this.#waitForOthers();
      }
    } catch (error) {
      for (const job of this.#jobs()) this.#end(job, () => job.generation.fail(error));
    } finally {
      this.#releaseBatch();
      this.#loop = undefined;
    }
  }

  #dropCancelled(): void {
    for (const job of this.#jobs()) {
      const { cancelled } = job;
      if (cancelled) this.#end(job, () => job.generation.fail(cancelled.reason));
    }
  }

  /** Takes a job out of everything and gives back its places. */
  #end(job: Job, settle: () => void): void {
    job.ended = true;
    remove(this.#waiting, (other) => other === job);
    remove(this.#reading, (member) => member.job === job);
    if (remove(this.#writing, (member) => member.job === job)) this.#releaseBatch();
    for (const member of [...this.#calling.keys()]) if (member.job === job) this.#calling.delete(member);
    job.over.abort();
    for (const { cached } of job.sequences) cached.release();
    settle();
  }

  /** First come, first served: a request waits until there is a place for each of its answers. */
  #admit(): void {
    while (this.#waiting.length > 0) {
      const [job] = this.#waiting;
      const { n, prompt } = job.request;
      const reserved = this.#reading.reduce(
        (sum, { job: { request, sequences } }) => sum + request.n - sequences.length,
        0,
      );
      if (this.#cache.free - reserved < n) return;
      this.#waiting.shift();
      // A beginning that is known already would have no log-probabilities.
      const cached = this.#cache.open(job.promptTokens ? [] : prompt)!;
      try {
        const sequence = this.#sequence(job, 0, cached, prompt.slice(cached.length));
        job.sequences.push(sequence);
        this.#reading.push({ job, sequence });
      } catch (error) {
        cached.release();
        job.generation.fail(error);
      }
    }
  }

  #sequence({ request }: Job, index: number, cached: CachedSequence, pending: readonly number[]): Sequence {
    const { vocabulary } = this.#model.decoder.sizes;
    const context = { tokenizer: this.#tokenizer, vocabulary, spelled: this.#spelled };
    return new Sequence(index, cached, pending, request, context);
  }

  /** Reads one piece of what has waited longest. */
  async #read(): Promise<void> {
    const [member] = this.#reading;
    if (!member) return;
    const { job, sequence } = member;
    const { cached, pending } = sequence;
    const length = pieceLength(pending.length, this.#pieceLimit(job), cached.stepTokens);
    const piece = pending.slice(0, length);
    const view = this.#cache.view([cached]);
    const asked = job.promptTokens && !sequence.begun;
    const rows = asked ? piece.map((_, i) => i) : undefined;
    const step = this.#model.prepare(view, { length, rows, adapter: this.#adapter });
    try {
      await step.run(piece, [cached.length]);
      // A single token is read as answers are, and its bits are theirs.
      cached.append(piece, { shared: this.#shareAnswers || (length > 1 && !sequence.begun) });
      sequence.pending = pending.slice(length);
      if (asked) this.#tellPrompt(job, step.logits, length);
      if (sequence.pending.length > 0) return;
      remove(this.#reading, (other) => other === member);
      const { vocabulary } = this.#model.decoder.sizes;
      const logits = step.logits.subarray(step.logits.length - vocabulary);
      if (sequence.begun) this.#continue(member, logits);
      else this.#beginAnswers(job, logits);
    } catch (error) {
      this.#fail(job, error);
    } finally {
      step.release();
      view.release();
    }
  }

  #pieceLimit({ promptTokens }: Job): number {
    if (promptTokens) return scoredPieceTokens;
    return this.#writing.length > 0 ? pieceTokens.shared : pieceTokens.alone;
  }

  /** Log-probabilities of the prompt's tokens after each of the last `length` that were read. */
  #tellPrompt({ request, promptTokens, sequences }: Job, logits: Float32Array, length: number): void {
    const { vocabulary } = this.#model.decoder.sizes;
    const row = new LogitsRow(vocabulary);
    const first = sequences[0].cached.length - length;
    for (let i = 0; i < length; i++) {
      const id = request.prompt[first + i + 1];
      if (id === undefined) return;
      row.view(logits.subarray(i * vocabulary, (i + 1) * vocabulary));
      promptTokens!.push({ id, logProbability: row.values[id] - logNormalizer(row) });
    }
  }

  /** The prompt is read: every answer begins from it. */
  #beginAnswers(job: Job, logits: Float32Array): void {
    const [first] = job.sequences;
    for (let index = 1; index < job.request.n; index++) {
      const cached = first.cached.fork();
      if (!cached) throw placeTaken(job.request.n);
      job.sequences.push(this.#sequence(job, index, cached, []));
    }
    for (const sequence of [...job.sequences]) this.#continue({ job, sequence }, logits);
  }

  #continue(member: Member, logits: Float32Array): void {
    this.#writing.push(member);
    this.#releaseBatch();
    this.#advance(member, logits);
  }

  /** Extends every answer under way by one token. */
  async #write(): Promise<void> {
    if (this.#writing.length === 0) return;
    this.#batch ??= this.#makeBatch();
    const { members, step } = this.#batch;
    const { vocabulary } = this.#model.decoder.sizes;
    await step.run(
      members.map(({ sequence }) => sequence.pending[0]),
      members.map(({ sequence }) => sequence.cached.length),
    );
    for (const { sequence } of members) {
      sequence.cached.append(sequence.pending, { shared: this.#shareAnswers });
    }
    members.forEach((member, row) => {
      if (member.job.cancelled || member.job.ended) return;
      try {
        this.#advance(member, step.logits.subarray(row * vocabulary, (row + 1) * vocabulary));
      } catch (error) {
        this.#fail(member.job, error);
      }
    });
  }

  #makeBatch(): Batch {
    const members = new Map(this.#writing.map((member) => [member.sequence.cached, member]));
    const view = this.#cache.view([...members.keys()]);
    const ordered = view.sequences.map((cached) => members.get(cached)!);
    return { members: ordered, view, step: this.#model.prepare(view, { length: 1, adapter: this.#adapter }) };
  }

  #releaseBatch(): void {
    this.#batch?.step.release();
    this.#batch?.view.release();
    this.#batch = undefined;
  }

  #advance(member: Member, logits: Float32Array): void {
    const { job, sequence } = member;
    for (const event of sequence.advance(logits)) job.generation.emit(event);
    if (sequence.completion) this.#complete(member);
    else if (sequence.call) this.#ask(member, sequence.call);
  }

  #complete({ job, sequence }: Member): void {
    job.completions.push(sequence.completion!);
    if (remove(this.#writing, (member) => member.sequence === sequence)) this.#releaseBatch();
    sequence.cached.release();
    if (job.completions.length < job.request.n) return;
    const completions = job.completions.sort((a, b) => a.index - b.index);
    this.#end(job, () => job.generation.finish({ completions, promptTokens: job.promptTokens }));
  }

  /** The answer waits for its tool; all others go on. */
  #ask(member: Member, call: ToolCall): void {
    const { job } = member;
    remove(this.#writing, (other) => other === member);
    this.#releaseBatch();
    const answered = call.run(job.over.signal).then(
      (insertion) => {
        if (this.#calling.delete(member)) this.#insert(member, insertion);
      },
      // Only when the job is over.
      () => {},
    );
    this.#calling.set(member, answered);
  }

  /** Between steps or during one: what is under way stays as it is, and the member is read from the next turn on. */
  #insert(member: Member, insertion: ToolInsertion): void {
    const { job, sequence } = member;
    try {
      for (const event of sequence.insert(insertion)) job.generation.emit(event);
      if (sequence.completion) this.#complete(member);
      else this.#reading.push(member);
    } catch (error) {
      // Such as a text that the tokenizer cannot spell. Nobody waits for this turn, so nothing may be thrown from it; and
      // the step that may be under way can have other answers to the request, so that it cannot end before the next turn.
      job.cancelled ??= { reason: error };
      this.#reading.push(member);
    }
  }

  /**
   * Nothing can be read or written before a tool has answered, a request is made or cancelled, or places come free in a
   * cache that others use too, which does not tell.
   */
  async #waitForOthers(): Promise<void> {
    const jobs = [...this.#jobs()];
    // Whoever was cancelled in the middle of a step woke nobody.
    if (jobs.length === 0 || jobs.some(({ cancelled }) => cancelled)) return;
    let poll: NodeJS.Timeout | undefined;
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#waiting.length > 0) poll = setTimeout(resolve, pollMilliseconds);
    });
    await Promise.race([...this.#calling.values(), woken]);
    clearTimeout(poll);
    this.#wake = undefined;
  }

  /** What a request brought about ends that request; anything else is a fault of ours and ends all. */
  #fail(job: Job, error: unknown): void {
    if (!(error instanceof FineryError)) throw error;
    this.#end(job, () => job.generation.fail(error));
  }
}

/** Only where a cache has other users, who do not know what is spoken for. */
const placeTaken = (n: number): UsageError =>
  new UsageError({
    field: 'n',
    found: 'a cache whose places were taken by others while the prompt was read',
    expected: `places for ${n} answers`,
    fix: 'Give the generator a cache of its own, or one with more slots.',
  });

/** Whether something was removed. */
function remove<T>(list: T[], where: (item: T) => boolean): boolean {
  const before = list.length;
  for (let i = list.length - 1; i >= 0; i--) if (where(list[i])) list.splice(i, 1);
  return list.length < before;
}
