/** The worker thread that renders: one reply for every request, in order. `template-worker.ts` starts it. */

import { parentPort } from 'node:worker_threads';
import { type CompiledTemplate, compileTemplate } from './compile-template.ts';
import { type RenderRequest, renderChat } from './render-chat.ts';

let last: { readonly source: string; readonly template: CompiledTemplate } | undefined;

/** A worker nearly always gets the same template again. */
function compile(source: string): CompiledTemplate {
  if (last?.source !== source) last = { source, template: compileTemplate(source) };
  return last.template;
}

// The interpreter looks up names that may not exist by throwing; traces of where are never read.
Error.stackTraceLimit = 0;

parentPort?.on('message', (request: RenderRequest) => parentPort?.postMessage(renderChat(request, compile)));
parentPort?.postMessage('ready');
