/** An endpoint before a test server, with what tests of it share. Call once in a test file. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { AnswerRequest, Failure, LanguageModel, Outcome } from '../../model/language-model.ts';
import { type EndpointOptions, openEndpoint } from '../open-endpoint.ts';
import {
  type Handler,
  type Manners,
  sendChat,
  sendJson,
  startServer,
  type TestServer,
  wellBehaved,
} from './test-server.ts';

export const key = 'sk-very-secret-0123456789';
export const quick: EndpointOptions = { env: { OPENAI_API_KEY: key }, firstBackoffSeconds: 0.002, timeoutSeconds: 5 };

export interface EndpointFixture {
  /** Of this test: replies are kept here unless a test says otherwise. */
  readonly folder: string;
  readonly server: TestServer;
  open(options?: EndpointOptions): Promise<LanguageModel>;
  /** Of a server with these manners, without a cache. */
  openWith(manners: Manners, options?: EndpointOptions): Promise<LanguageModel>;
  /** Of a good server, which then answers as told. */
  openThen(handler: Handler, options?: EndpointOptions): Promise<LanguageModel>;
}

export function endpointFixture(): EndpointFixture {
  let folder: string;
  let server: TestServer;
  let opened: LanguageModel[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'endpoint-'));
    server = await startServer(wellBehaved());
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((model) => model.close()));
    await server.close();
    await rm(folder, { recursive: true });
  });
  const open = async (options: EndpointOptions = {}): Promise<LanguageModel> => {
    const model = await openEndpoint(`openai:toy@${server.url}`, { ...quick, cache: folder, ...options });
    opened.push(model);
    return model;
  };
  return {
    get folder() {
      return folder;
    },
    get server() {
      return server;
    },
    open,
    openWith(manners, options = {}) {
      server.handle(wellBehaved(manners));
      return open({ cache: false, ...options });
    },
    async openThen(handler, options) {
      const model = await open(options);
      server.handle(handler);
      return model;
    },
  };
}

export const conversation = (content: string): AnswerRequest => ({
  prompt: [{ role: 'user', content }],
  maxTokens: 16,
});

export async function askOne(model: LanguageModel, request = conversation('Which?')) {
  return (await model.answer([request]))[0];
}

export function answered<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.failure.kind}: ${outcome.failure.reason}`);
  return outcome.value;
}

export function failureOf(outcome: Outcome<unknown>): Failure {
  if (outcome.ok) throw new Error(`an answer where a failure was expected: ${JSON.stringify(outcome.value)}`);
  return outcome.failure;
}

/** Handlers in turn; the last one stays. */
export function inTurn(...handlers: Handler[]): Handler {
  let turn = 0;
  return (request, response) => handlers[Math.min(turn++, handlers.length - 1)](request, response);
}

export const fine: Handler = (_, response) => sendChat(response, 'fine');

export function status(code: number, headers: Record<string, string> = {}): Handler {
  return (_, response) => sendJson(response, { error: { message: `status ${code}` } }, code, headers);
}
