/**
 * Finery as a library. What is exported here, in `finery/graph` and in `finery/finworld` is the surface that stays;
 * everything else may move.
 *
 * ```ts
 * import { Engine, loadModel, Scorer } from 'finery';
 *
 * const model = await loadModel('runs/first-run/stages/01-cpt/checkpoint');
 * const engine = new Engine();
 * const scorer = new Scorer(engine, model);
 * const ids = model.tokenizer!.encode('Net income rose.', { addSpecialTokens: false });
 * const { logProbabilities, sum } = await scorer.score(ids);
 * scorer.release();
 * await engine.close();
 * ```
 */
export { type AblateOptions, ablate } from './ablate/ablate.ts';
export type { Ablation } from './ablate/ablation.ts';
export { type Adapter, type AdapterModule, lowRankUpdates } from './adapters/adapter.ts';
export { type AdaptedModel, attachAdapter, attachTrainedAdapter } from './adapters/attach.ts';
export { type AdaptedEmbedder, attachEncoderAdapter } from './adapters/attach-encoder.ts';
export {
  type AdaptedEncoderDecoder,
  attachEncoderDecoderAdapter,
  attachTrainedEncoderDecoderAdapter,
} from './adapters/attach-encoder-decoder.ts';
export type { BaseModel } from './adapters/base-model.ts';
export { mergeAdapters, unmergeAdapters, type WeightedAdapter } from './adapters/merge.ts';
export { dequantizeModel, loadQuantizedModel, quantizeModel } from './adapters/nf4/quantized-model.ts';
export { readAdapter } from './adapters/peft/read-adapter.ts';
export { saveAdapter } from './adapters/peft/save-adapter.ts';
export { mergeIntoFolder } from './adapters/save-merged.ts';
export { saveMergedEncoderDecoder } from './adapters/save-merged-encoder-decoder.ts';
export type { AdapterSettings } from './adapters/settings.ts';
export { type GgufModel, openGgufModel } from './checkpoint/gguf/open-gguf-model.ts';
export { type ExportReport, saveGgufModel } from './checkpoint/gguf/save-gguf-model.ts';
export { type ResolveOptions, resolveModel } from './checkpoint/hub/resolve-model.ts';
export { type Checkpoint, openCheckpoint } from './checkpoint/huggingface/open-checkpoint.ts';
export { readLlama2cModel } from './checkpoint/llama2c/read-model.ts';
export { readLlama2cTokenizer } from './checkpoint/llama2c/read-tokenizer.ts';
export { openSafetensors, type SafetensorsFile } from './checkpoint/safetensors/read.ts';
export { type TensorToWrite, writeSafetensors } from './checkpoint/safetensors/write.ts';
export { holdOut } from './data/hold-out.ts';
export { layOut, type PackedBatch } from './data/packed-batch.ts';
export type { Pair } from './data/pairs/pair.ts';
export type { Document } from './data/readers/document.ts';
export { readDocuments } from './data/readers/read-documents.ts';
export { BatchStream } from './data/stream.ts';
export { memoryStore, subStore, type TokenStore } from './data/token-store.ts';
export { tokenizeDocuments } from './data/tokenize.ts';
export { Embedder, type EmbedderOptions, type EmbedOptions, openEmbedder } from './embed/embedder.ts';
export { measureRetrieval } from './embed/measure-retrieval.ts';
export { openAdaptableEmbedder, openTrainableEmbedder } from './embed/open-trainable-embedder.ts';
export { saveEmbedder } from './embed/save-embedder.ts';
export { cosine } from './embed/vectors.ts';
export {
  ExitCode,
  FineryError,
  GateError,
  InputError,
  InterruptedError,
  type Problem,
  UsageError,
} from './errors.ts';
export { readNumber } from './eval/answers/numeric/read-number.ts';
export { bitsPerByte, relativeChange, scoreDocuments } from './eval/bits-per-byte.ts';
export { compareEvaluations } from './eval/compare/compare-evaluations.ts';
export { readEvaluation } from './eval/compare/read-evaluation.ts';
export { type EndpointOptions, openEndpoint } from './eval/endpoint/open-endpoint.ts';
export { judgeAnswers } from './eval/judge/judge-answers.ts';
export { measure } from './eval/measure.ts';
export type {
  Answer,
  AnswerRequest,
  ContinuationRequest,
  ContinuationScore,
  LanguageModel,
  Outcome,
  Prompt,
} from './eval/model/language-model.ts';
export { type LocalModelOptions, openLocalModel } from './eval/model/local-model.ts';
export { findTasks } from './eval/run/find-tasks.ts';
export { runEvaluation } from './eval/run/run-evaluation.ts';
export { PythonSandbox } from './eval/sandbox/python-sandbox.ts';
export { Scorer } from './eval/score.ts';
export { type AnswerScore, PairScorer } from './eval/score-pairs.ts';
export { loadTask, loadTaskOrGroup } from './eval/tasks/load-task.ts';
export { type ExportSource, openExportSource } from './export/export-source.ts';
export { saveFolder } from './export/save-folder.ts';
export { saveGguf } from './export/save-gguf.ts';
export { saveOnnx } from './export/save-onnx.ts';
export { type BeamCompletion, type BeamRequest, beamSearch } from './generate/beam-search.ts';
export { jsonConstraint, jsonSchemaConstraint } from './generate/constraints/json-constraint.ts';
export { regexConstraint } from './generate/constraints/regex-constraint.ts';
export type { CompiledConstraint } from './generate/constraints/token-constraint.ts';
export type { FrozenAdapter, LowRankUpdate } from './generate/frozen/adapter.ts';
export { type FreezeOptions, freeze } from './generate/frozen/freeze.ts';
export type { FrozenModel } from './generate/frozen/frozen-model.ts';
export type { Generation } from './generate/generation.ts';
export { Generator, type GeneratorOptions } from './generate/generator.ts';
export type {
  Completion,
  FinishReason,
  GeneratedToken,
  GenerationEvent,
  GenerationRequest,
  GenerationResult,
} from './generate/request.ts';
export type { SamplingSettings } from './generate/sampling/settings.ts';
export { answerText, type Seq2SeqRequest } from './generate/seq2seq/answer-text.ts';
export type { Seq2SeqAnswer } from './generate/seq2seq/greedy-answer.ts';
export { type OpenEncoderDecoder, openEncoderDecoder } from './generate/seq2seq/open-encoder-decoder.ts';
export {
  Seq2SeqGenerator,
  type Seq2SeqGeneratorOptions,
  type TokenWriter,
} from './generate/seq2seq/seq2seq-generator.ts';
export { type CombineOptions, combineAdapters } from './merge/adapters/combine-adapters.ts';
export { checkMethod } from './merge/check-method.ts';
export { mergeModels } from './merge/merge-models.ts';
export { mergeRecipes, planRecipes } from './merge/merge-recipes.ts';
export { type AnyMergeMethod, defineMethod, type MergeMethod } from './merge/method.ts';
export { planMerge } from './merge/plan-merge.ts';
export { parseMergeRecipes, readMergeRecipes } from './merge/recipe/read-merge-recipe.ts';
export { runMethod } from './merge/run-method.ts';
export type { Decoder } from './models/decoder.ts';
export type { EncoderDecoder } from './models/encoder-decoder.ts';
export {
  type EncoderDecoderModel,
  initEncoderDecoder,
  loadEncoderDecoder,
  saveEncoderDecoder,
  type TrainableEncoderDecoder,
} from './models/encoder-decoder-model.ts';
export { initModel, loadModel, type Model, saveModel, type TrainableModel } from './models/model.ts';
export type { TokenBatch } from './objectives/causal-lm/batch.ts';
export { CausalLmProgram } from './objectives/causal-lm/program.ts';
export { layOutPairs, type Seq2SeqBatch, type TextPair } from './objectives/seq2seq/batch.ts';
export { Seq2SeqProgram, type Seq2SeqProgramOptions } from './objectives/seq2seq/program.ts';
export { type RandomStream, stream } from './random/stream.ts';
export { loadRecipe } from './recipe/load-recipe.ts';
export { type RunOptions, runRecipe } from './recipe/run-recipe.ts';
export type { Recipe, RecipeDocument } from './recipe/schema/recipe.ts';
export type { RunSummary } from './recipe/summary.ts';
export { Engine, type Segment } from './runtime/engine.ts';
export { RuntimeError } from './runtime/native-library.ts';
export { type ContrastiveSettings, contrastive, defaultContrastiveSettings } from './stages/contrastive.ts';
export { newByt5Tokenizer } from './tokenizer/byt5-tokenizer.ts';
export { loadChatTemplate } from './tokenizer/chat/chat-template.ts';
export { encodeSpans } from './tokenizer/chat/encode-spans.ts';
export { loadTokenizer } from './tokenizer/load.ts';
export { saveTokenizer } from './tokenizer/save.ts';
export type { Tokenizer } from './tokenizer/tokenizer.ts';
export { extendTokenizer } from './tokenizer/train/extend.ts';
export { trainTokenizer } from './tokenizer/train/train.ts';
export { resumeTraining, saveTraining } from './train/checkpoint.ts';
export { runTraining } from './train/loop.ts';
export { createAdamW } from './train/optimizers/adamw.ts';
export { createMuon, type MuonOptions } from './train/optimizers/muon.ts';
export { learningRateAt, type Schedule } from './train/schedule.ts';
export { Trainer } from './train/trainer.ts';
export { extendModel } from './vocabulary/extend-model.ts';
export { transplantModel } from './vocabulary/transplant-model.ts';
