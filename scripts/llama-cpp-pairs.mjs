/**
 * What llama.cpp makes of the GGUF file of an encoder-decoder, for `exported-pairs.ts`: token ids of texts, and logits and
 * likeliest tokens of what it writes. node-llama-cpp drives no encoder-decoders, so its library is called by the C interface
 * (llama.h of llama.cpp v0.5.0, which node-llama-cpp 3.22 ships), in a process of its own.
 *
 *   node scripts/llama-cpp-pairs.mjs LIBRARIES FILE.gguf < request.json > answer.json
 *
 * LIBRARIES is the folder with libllama. The request is {"texts", "greedyTokens"}; the answer has {"ids", "greedy", "logits"}
 * for each text, logits those of the first token in base64.
 */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import koffi from 'koffi';

const [folder, path] = process.argv.slice(2);
const { texts, greedyTokens } = JSON.parse(await text(process.stdin));
const libraryPath = (name) =>
  join(
    resolve(folder),
    readdirSync(folder).find((file) => file.startsWith(name)),
  );
// libllama finds ggml beside itself; the back ends for processors are loaded by ggml.
const ggml = koffi.load(libraryPath('libggml.'), { global: true });
const library = koffi.load(libraryPath('libllama.'));

const ints = (names) => Object.fromEntries(names.split(' ').map((name) => [name, 'int32_t']));
const floats = (names) => Object.fromEntries(names.split(' ').map((name) => [name, 'float']));
const flags = (names) => Object.fromEntries(names.split(' ').map((name) => [name, 'bool']));
const pointers = (names) => Object.fromEntries(names.split(' ').map((name) => [name, 'void *']));
koffi.struct('ModelParams', {
  ...pointers('devices tensor_buft_overrides'),
  ...ints('n_gpu_layers split_mode load_mode lazy_mode main_gpu'),
  ...pointers('tensor_split progress_callback progress_callback_user_data kv_overrides'),
  ...flags('vocab_only check_tensors use_extra_bufts no_host no_alloc load_mtp'),
});
koffi.struct('ContextParams', {
  ...ints('n_ctx n_batch n_ubatch n_seq_max n_rs_seq n_outputs_max n_outputs_max_per_seq n_threads n_threads_batch'),
  ...ints('ctx_type rope_scaling_type pooling_type attention_type flash_attn_type'),
  ...floats('rope_freq_base rope_freq_scale yarn_ext_factor yarn_attn_factor yarn_beta_fast yarn_beta_slow'),
  ...ints('yarn_orig_ctx'),
  ...floats('defrag_thold'),
  ...pointers('cb_eval cb_eval_user_data'),
  ...ints('type_k type_v'),
  ...pointers('abort_callback abort_callback_data'),
  ...flags('embeddings offload_kqv no_perf op_offload swa_full kv_unified'),
  ...pointers('samplers'),
  n_samplers: 'size_t',
  ...pointers('ctx_other'),
});
koffi.struct('Batch', { n_tokens: 'int32_t', ...pointers('token embd pos n_seq_id seq_id logits') });

ggml.func('void ggml_backend_load_all_from_path(const char *dir)')(resolve(folder));
const call = (signature) => library.func(signature);
call('void llama_log_set(void *callback, void *data)')(
  koffi.register(() => {}, koffi.pointer(koffi.proto('void Log(int level, const char *text, void *data)'))),
  null,
);
call('void llama_backend_init()')();
const model = call('void *llama_model_load_from_file(const char *path, ModelParams params)')(
  resolve(path),
  call('ModelParams llama_model_default_params()')(),
);
if (!model) throw new Error(`llama.cpp cannot open ${path}`);
const newContext = call('void *llama_init_from_model(void *model, ContextParams params)');
const defaults = call('ContextParams llama_context_default_params()')();
const batchOf = call('Batch llama_batch_get_one(int32_t *tokens, int32_t count)');
const [encode, decode] = ['encode', 'decode'].map((name) => call(`int llama_${name}(void *context, Batch batch)`));
const logitsOf = call('float *llama_get_logits_ith(void *context, int index)');
const vocabulary = call('void *llama_model_get_vocab(void *model)')(model);
const size = call('int llama_vocab_n_tokens(void *vocab)')(vocabulary);
const start = call('int llama_model_decoder_start_token(void *model)')(model);
const tokenize = call(
  'int llama_tokenize(void *vocab, const char *text, int length, int32_t *tokens, int most, bool special, bool parse)',
);
const freeContext = call('void llama_free(void *context)');

function idsOf(one) {
  const ids = new Int32Array(1024);
  const bytes = Buffer.byteLength(one);
  return ids.slice(0, tokenize(vocabulary, one, bytes, ids, ids.length, true, false));
}

/** A batch that points to its tokens, which have to outlive it. */
function run(step, context, tokens) {
  const memory = koffi.alloc('int32_t', tokens.length);
  koffi.encode(memory, 'int32_t', tokens, tokens.length);
  const status = step(context, batchOf(memory, tokens.length));
  if (status !== 0) throw new Error(`llama.cpp gave up with ${status}`);
}

const answers = [];
for (const one of texts) {
  // F32 keys and values, one thread, no fused attention.
  const context = newContext(model, {
    ...defaults,
    ...{ n_ctx: 1024, n_batch: 1024, n_ubatch: 1024, n_threads: 1, n_threads_batch: 1 },
    ...{ type_k: 0, type_v: 0, flash_attn_type: 0 },
  });
  const ids = [...idsOf(one)];
  run(encode, context, ids);
  const greedy = [];
  let first;
  while (greedy.length < greedyTokens) {
    run(decode, context, [greedy.at(-1) ?? start]);
    const row = Float32Array.from(koffi.decode(logitsOf(context, -1), 'float', size));
    first ??= row;
    greedy.push(row.reduce((best, value, i) => (value > row[best] ? i : best), 0));
  }
  answers.push({ ids, greedy, logits: Buffer.from(first.buffer).toString('base64') });
  freeContext(context);
}
process.stdout.write(JSON.stringify(answers));
