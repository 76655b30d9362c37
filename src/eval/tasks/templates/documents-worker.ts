/** The worker thread that renders documents: one reply for every request, in order. */
import { parentPort } from 'node:worker_threads';
import { type DocumentsRequest, renderDocuments } from './render-documents.ts';

// The interpreter looks up names that may not exist by throwing; traces of where are never read.
Error.stackTraceLimit = 0;

parentPort?.on('message', (request: DocumentsRequest) => parentPort?.postMessage(renderDocuments(request)));
parentPort?.postMessage('ready');
