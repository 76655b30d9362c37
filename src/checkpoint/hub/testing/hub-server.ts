/**
 * A hub on this machine, for tests: the model API, files with redirects to a second server that stands for the content
 * network, and whatever faults a test plants.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HubFixture {
  /** Content by path; `lfs` files are kept by their SHA-256 and served by the content network. */
  readonly files: Readonly<Record<string, { readonly content: Buffer; readonly lfs?: boolean }>>;
  /** May answer in the hub's place; says whether it did. */
  answer?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** The same for the content network. */
  deliver?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export const commit = 'c0ffee'.padEnd(40, '0');
export const modelName = 'finery/tiny';

export interface TestHub {
  readonly endpoint: string;
  /** Every request as `hub GET /path` or `cdn GET /path range`, in order. */
  readonly requests: string[];
  /** Tokens that each server was sent. */
  readonly tokens: { readonly hub: Set<string>; readonly cdn: Set<string> };
  close(): Promise<void>;
}

export async function startHub(fixture: HubFixture): Promise<TestHub> {
  const requests: string[] = [];
  const tokens = { hub: new Set<string>(), cdn: new Set<string>() };
  const note = (server: 'hub' | 'cdn', { url, method, headers }: IncomingMessage) => {
    requests.push([server, method, url?.split('?')[0], headers.range].filter(Boolean).join(' '));
    if (headers.authorization) tokens[server].add(headers.authorization);
  };
  const cdn = await listen((request, response) => {
    note('cdn', request);
    if (fixture.deliver?.(request, response)) return;
    const file = Object.values(fixture.files).find(({ content }) => request.url === `/${sha256(content)}`);
    if (file) sendContent(request, response, file.content);
    else response.writeHead(404).end();
  });
  const hub = await listen((request, response) => {
    note('hub', request);
    if (fixture.answer?.(request, response)) return;
    const path = request.url!.split('?')[0];
    if (path.startsWith(`/api/models/${modelName}/revision/`)) {
      sendJson(response, { _id: '1', id: modelName, sha: commit, private: false, lastModified: '2026-01-01' });
    } else if (path === `/api/models/${modelName}/tree/${commit}`) {
      sendJson(response, Object.entries(fixture.files).map(listed));
    } else if (path.startsWith(`/${modelName}/resolve/${commit}/`)) {
      const file = fixture.files[decodeURIComponent(path.split('/').at(-1)!)];
      if (!file) response.writeHead(404, { 'X-Error-Code': 'EntryNotFound' }).end();
      else if (!file.lfs) sendContent(request, response, file.content);
      else {
        const location = `${addressOf(cdn)}/${sha256(file.content)}`;
        const linked = { 'X-Linked-Size': file.content.length, 'X-Linked-ETag': `"${sha256(file.content)}"` };
        response.writeHead(302, { Location: location, 'X-Repo-Commit': commit, ...linked }).end();
      }
    } else response.writeHead(404, { 'X-Error-Code': 'RepoNotFound' }).end();
  });
  return {
    endpoint: addressOf(hub),
    requests,
    tokens,
    async close() {
      for (const server of [hub, cdn]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
const gitSha1 = (content: Buffer): string =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');

function listed([path, { content, lfs }]: [string, HubFixture['files'][string]]) {
  const entry = { type: 'file', path, size: content.length, oid: gitSha1(content) };
  return lfs ? { ...entry, lfs: { oid: sha256(content), size: content.length, pointerSize: 130 } } : entry;
}

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

export function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
}

function sendContent({ headers }: IncomingMessage, response: ServerResponse, content: Buffer): void {
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? Number.NaN);
  if (Number.isNaN(from)) {
    response.writeHead(200, { 'Content-Length': content.length, ETag: `"${gitSha1(content)}"` }).end(content);
    return;
  }
  const range = `bytes ${from}-${content.length - 1}/${content.length}`;
  response.writeHead(206, { 'Content-Range': range, 'Content-Length': content.length - from });
  response.end(content.subarray(from));
}
