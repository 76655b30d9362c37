/** The worker thread of a merge: one reply for every request, in order. */
import { parentPort, workerData } from 'node:worker_threads';
import { FineryError } from '../../errors.ts';
import { mergeMethods } from '../methods/methods.ts';
import { createAnswerer, type RunnerOptions, type RunnerRequest, type SentError } from './runner.ts';

const methods = new Map(mergeMethods.map((method) => [method.name, method]));
const { answer } = createAnswerer(methods, workerData as RunnerOptions);

parentPort!.on('message', (request: RunnerRequest) => {
  try {
    parentPort!.postMessage({ reply: answer(request) });
  } catch (error) {
    parentPort!.postMessage({ error: toSend(error) });
  }
});

function toSend(error: unknown): SentError {
  if (error instanceof FineryError) return { kind: error.name, problem: error.problem, message: error.message };
  if (!(error instanceof Error)) return { kind: 'fault', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { kind: 'fault', message: error.stack ?? error.message, code };
}
