/** The worker thread that renders: one reply for every request, in order. `template-worker.ts` starts it. */

import { parentPort } from 'node:worker_threads';
import { type RenderRequest, renderChat } from './render-chat.ts';

parentPort?.on('message', (request: RenderRequest) => parentPort?.postMessage(renderChat(request)));
parentPort?.postMessage('ready');
