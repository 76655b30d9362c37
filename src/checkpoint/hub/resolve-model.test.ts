import { createHash } from 'node:crypto';
import { lstat, mkdtemp, readdir, readFile, readlink, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FineryError, InputError, UsageError } from '../../errors.ts';
import { lockFolder } from '../../files/folder-lock.ts';
import { openCheckpoint } from '../huggingface/open-checkpoint.ts';
import { saveCheckpoint } from '../huggingface/save-checkpoint.ts';
import { parseHubId } from './hub-id.ts';
import { type ResolveOptions, resolveModel } from './resolve-model.ts';
import { commit, type HubFixture, modelName, sendJson, startHub, type TestHub } from './testing/hub-server.ts';

let root: string;
let hub: TestHub;
let fixture: { files: Record<string, { content: Buffer; lfs?: boolean }> } & Omit<HubFixture, 'files'>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-hub-'));
  const weights = Float32Array.from({ length: 40_000 }, (_, i) => Math.sin(i));
  await saveCheckpoint(join(root, 'made'), {
    config: { model_type: 'llama' },
    tensors: [
      { name: 'a', shape: [200, 100], data: weights.subarray(0, 20_000) },
      { name: 'b', shape: [200, 100], data: weights.subarray(20_000) },
    ],
    dtype: 'f32',
    shardBytes: 80_000,
    tokenizerFiles: { 'tokenizer.json': '{}', 'vocab.json': '{}', 'merges.txt': '' },
  });
  const files: (typeof fixture)['files'] = {};
  for (const name of await readdir(join(root, 'made'))) {
    files[name] = { content: await readFile(join(root, 'made', name)), lfs: name.endsWith('.safetensors') };
  }
  files['pytorch_model.bin'] = { content: Buffer.from('never fetched'), lfs: true };
  files['README.md'] = { content: Buffer.from('# tiny') };
  fixture = { files };
  hub = await startHub(fixture);
});

afterEach(async () => {
  await hub.close();
  await rm(root, { recursive: true });
});

const repository = () => join(root, 'cache', 'models--finery--tiny');
const blobs = () => readdir(join(repository(), 'blobs'));

function resolve(name = modelName, options: Partial<ResolveOptions> & { env?: Record<string, string> } = {}) {
  const { env, ...rest } = options;
  return resolveModel(name, {
    pauses: [0, 0],
    ...rest,
    env: { HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: join(root, 'cache'), ...env },
  });
}

const firstShard = 'model-00001-of-00002.safetensors';
const shardBlob = () =>
  join(repository(), 'blobs', createHash('sha256').update(fixture.files[firstShard].content).digest('hex'));

async function failure(work: Promise<unknown>): Promise<FineryError> {
  const error = await work.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  );
  if (error instanceof FineryError) return error;
  throw error;
}

describe('resolveModel', () => {
  it('fetches what a model needs, and nothing else, into the layout of the hub', async () => {
    const folder = await resolve();
    expect(folder).toBe(join(repository(), 'snapshots', commit));
    expect((await readdir(folder)).sort()).toEqual([
      'config.json',
      firstShard,
      'model-00002-of-00002.safetensors',
      'model.safetensors.index.json',
      'tokenizer.json',
    ]);
    expect(await readFile(join(repository(), 'refs', 'main'), 'utf8')).toBe(commit);
    expect(await readlink(join(folder, firstShard))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
    expect(await readlink(join(folder, 'config.json'))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/);
    const checkpoint = await openCheckpoint(folder);
    expect(await checkpoint.readRange('b', 0, 2)).toEqual(Float32Array.of(Math.sin(20_000), Math.sin(20_001)));
    await checkpoint.close();
  });

  it('looks for no file of weights on the hub, also where its name has the form of an id', async () => {
    for (const name of ['out/model.gguf', 'out/model.safetensors', 'stories/15M.bin'])
      expect(await resolve(name)).toBe(name);
    expect(hub.requests).toEqual([]);
  });

  it('asks only for the list when everything is there', async () => {
    await resolve();
    const before = hub.requests.length;
    await resolve();
    expect(hub.requests.slice(before).every((request) => request.includes('/api/'))).toBe(true);
  });

  it('opens what is there while another program fetches, and fetches what a snapshot lacks', async () => {
    const folder = await resolve();
    const lock = await lockFolder(repository());
    try {
      expect(await resolve()).toBe(folder);
      await rm(join(folder, 'tokenizer.json'));
      await expect(resolve()).rejects.toThrow(/under way in process/);
    } finally {
      await lock.release();
    }
    await resolve();
    expect(await readdir(folder)).toContain('tokenizer.json');
  });

  it('takes what exists on this machine first, and gives back what can be no hub id', async () => {
    const here = join(root, 'made');
    expect(await resolve(here)).toBe(here);
    expect(await resolve('a/b/c')).toBe('a/b/c');
    expect(await resolve('./nowhere')).toBe('./nowhere');
    expect(await resolve('nowhere', { root })).toBe(join(root, 'nowhere'));
    expect(await resolve('made', { root })).toBe(here);
    expect(hub.requests).toEqual([]);
  });

  it('tells how far it is', async () => {
    const seen: number[] = [];
    await resolve(modelName, { onProgress: ({ done, total }) => total > 100_000 && seen.push(done / total) });
    expect(seen[0]).toBe(0);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });

  it('sends the token to the hub and to nobody else', async () => {
    await resolve(modelName, { env: { HF_TOKEN: 'hf_secret' } });
    expect([...hub.tokens.hub]).toEqual(['Bearer hf_secret']);
    expect([...hub.tokens.cdn]).toEqual([]);
    await expect(
      resolve(modelName, { env: { HF_TOKEN: 'hf_secret', HF_ENDPOINT: 'http://hub.example' } }),
    ).rejects.toThrow(/https, so that nobody on the way reads the token/);
  });
});

describe('names that are hostile', () => {
  it.each([
    'a/..',
    'a--b/c',
    'a/b--c',
    '-a/b',
    'a/b\0',
    'a/b@../../main',
    'a/b@',
    'a/b@/etc',
    'a/b@x\\y',
    'a/b@x\0',
    'a /b',
    `a/${'b'.repeat(200)}`,
  ])('refuses %j before asking anybody', async (name) => {
    const error = await failure(resolve(name));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(/expected (owner\/name|a branch)/);
    expect(hub.requests).toEqual([]);
  });

  it.each(['../x', '../../etc/passwd', '/etc/passwd', 'x'])('knows %j as no hub id', (name) => {
    expect(() => parseHubId(name)).toThrow(/expected owner\/name/);
  });

  it.each(['../../outside.safetensors', '/etc/passwd', 'sub/a.safetensors', 'model.bin'])(
    'refuses an index that names %j',
    async (shard) => {
      const index = { weight_map: { a: shard } };
      fixture.files['model.safetensors.index.json'] = { content: Buffer.from(JSON.stringify(index)) };
      fixture.files[shard] = { content: Buffer.from('x') };
      await expect(resolve()).rejects.toThrow(/found the shard .* expected a safetensors file beside it/);
      expect(await readdir(root)).toEqual(['cache', 'made']);
    },
  );

  it('refuses a link in the cache that leaves the folder of the model', async () => {
    const folder = await resolve();
    await writeFile(join(root, 'secret.json'), '{}');
    await symlink(join(root, 'secret.json'), join(folder, 'generation_config.json'));
    await expect(resolve(modelName, { env: { HF_HUB_OFFLINE: '1' } })).rejects.toThrow(/stays in this folder/);
  });

  it('refuses a list that goes on at another host, or that has checksums which are paths', async () => {
    fixture.answer = (request, response) => {
      if (!request.url!.includes('/tree/')) return false;
      response.setHeader('Link', '<http://elsewhere.example/next>; rel="next"');
      sendJson(response, []);
      return true;
    };
    await expect(resolve()).rejects.toThrow(/a link to http:\/\/elsewhere.example/);
    fixture.answer = (request, response) => {
      if (!request.url!.includes('/tree/')) return false;
      sendJson(response, [{ type: 'file', path: 'config.json', size: 2, oid: '../../../config' }]);
      return true;
    };
    await expect(resolve()).rejects.toThrow(/the checksum "..\/..\/..\/config"/);
  });
});

describe('adapters', () => {
  const text = (value: string) => ({ content: Buffer.from(value) });
  const adapter = {
    'adapter_config.json': text('{"peft_type": "LORA"}'),
    'adapter_model.safetensors': { content: Buffer.from('weights'), lfs: true },
    'adapter_model.bin': { content: Buffer.from('never fetched'), lfs: true },
  };

  it('are fetched like models, and found again without the hub', async () => {
    fixture.files = { ...adapter, 'README.md': text('# tiny') };
    const folder = await resolve();
    expect((await readdir(folder)).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
    expect(await resolve(modelName, { env: { HF_HUB_OFFLINE: '1' } })).toBe(folder);
    await rm(join(folder, 'adapter_model.safetensors'));
    await expect(resolve(modelName, { env: { HF_HUB_OFFLINE: '1' } })).rejects.toThrow(/HF_HUB_OFFLINE is set/);
    await resolve();
    expect(await readFile(join(folder, 'adapter_model.safetensors'), 'utf8')).toBe('weights');
  });

  it('come with the model of their repository, where there is one', async () => {
    Object.assign(fixture.files, adapter);
    const folder = await resolve();
    expect(await readdir(folder)).toEqual(expect.arrayContaining([...Object.keys(adapter).slice(0, 2), firstShard]));
    await rm(join(folder, 'adapter_model.safetensors'));
    await resolve();
    expect(await readdir(folder)).toContain('adapter_model.safetensors');
    await rm(join(folder, firstShard));
    await resolve();
    expect(await readdir(folder)).toContain(firstShard);
  });

  it('hide no whole model where they are pickled', async () => {
    const { 'adapter_model.safetensors': _, ...pickled } = adapter;
    Object.assign(fixture.files, pickled);
    const folder = await resolve();
    // As a program that fetches every file leaves them.
    for (const [name, { content }] of Object.entries(pickled)) await writeFile(join(folder, name), content);
    expect(await resolve()).toBe(folder);
    const offline = { env: { HF_HUB_OFFLINE: '1' } };
    expect(await resolve(modelName, offline)).toBe(folder);
    await rm(join(folder, firstShard));
    await expect(resolve(modelName, offline)).rejects.toThrow(/HF_HUB_OFFLINE is set/);
  });

  it('are refused as pickles', async () => {
    const { 'adapter_model.safetensors': _, ...pickled } = adapter;
    fixture.files = pickled;
    const { problem } = await failure(resolve());
    expect(problem.found).toBe('pickled weights only (adapter_model.bin), which run code when read');
    expect(problem.expected).toBe('adapter_model.safetensors');
  });
});

describe('models that cannot be had', () => {
  it('refuses pickles with the reason and the way out', async () => {
    for (const name of Object.keys(fixture.files)) if (name.includes('safetensors')) delete fixture.files[name];
    const { problem } = await failure(resolve());
    expect(problem.found).toBe('pickled weights only (pytorch_model.bin), which run code when read');
    expect(problem.fix).toMatch(/safetensors/);
    expect(hub.requests.filter((request) => request.includes('resolve'))).toEqual([]);
  });

  it.each([
    [401, {}, undefined, /neither a folder here nor a model of .* \(status 401\)/, /set HF_TOKEN/],
    [401, {}, 'hf_old', /status 401/, /HF_TOKEN is still valid/],
    [403, {}, 'hf_x', /no access \(status 403\)/, /Accept its conditions at/],
    [401, { 'X-Error-Code': 'GatedRepo' }, undefined, /no access/, /Accept its conditions/],
    [404, {}, undefined, /neither a folder here nor a model/, /Check the name/],
    [404, { 'X-Error-Code': 'RevisionNotFound' }, undefined, /no such revision/, /branches and tags/],
    [429, { 'Retry-After': '3600' }, undefined, /too many requests/, /in 3600 s/],
    [503, {}, undefined, /status 503/, /try again later/],
  ])('explains status %d %j', async (status, headers, token, found, fix) => {
    fixture.answer = (_, response) => {
      response.writeHead(status, headers as Record<string, string>).end('{"error":"x"}');
      return true;
    };
    const error = await failure(resolve(modelName, { env: token ? { HF_TOKEN: token } : {} }));
    expect(error).toBeInstanceOf(InputError);
    expect(error.problem.found).toMatch(found);
    expect(error.problem.fix).toMatch(fix);
    expect(hub.requests).toHaveLength(status === 503 ? 3 : 1);
  });

  it('tries again what may pass', async () => {
    let left = 2;
    fixture.answer = (_, response) => {
      if (left-- <= 0) return false;
      response.writeHead(left === 1 ? 429 : 502, { 'Retry-After': '0' }).end();
      return true;
    };
    await expect(resolve()).resolves.toMatch(/snapshots/);
  });

  it.each([
    ['null', 'another form'],
    ['{"sha":"../../x"}', 'the commit'],
    ['{"sha":', 'another form'],
    ['<html>', 'another form'],
  ])('refuses the answer %s', async (body, found) => {
    fixture.answer = (_, response) => {
      response.end(body);
      return true;
    };
    await expect(resolve()).rejects.toThrow(found);
  });

  it('works without the hub from the cache, and says so', async () => {
    const folder = await resolve();
    const dead = { HF_ENDPOINT: 'http://127.0.0.1:9' };
    const warnings: string[] = [];
    const options = { env: dead, onWarning: (text: string) => warnings.push(text) };
    expect(await resolve(modelName, options)).toBe(folder);
    expect(warnings).toEqual([expect.stringMatching(/no connection .* is taken from the cache/)]);
    await expect(resolve('finery/other', { env: dead })).rejects.toThrow(
      /^finery\/other: found no such folder, and no connection to http:\/\/127\.0\.0\.1:9 /,
    );
  });

  it('asks nobody offline', async () => {
    const offline = { env: { HF_HUB_OFFLINE: '1' } };
    const error = await failure(resolve(modelName, offline));
    expect(error.problem.found).toMatch(/HF_HUB_OFFLINE is set/);
    expect(hub.requests).toEqual([]);
    const folder = await resolve();
    const asked = hub.requests.length;
    expect(await resolve(modelName, offline)).toBe(folder);
    expect(await resolve(`${modelName}@${commit}`, offline)).toBe(folder);
    await unlink(shardBlob());
    await expect(resolve(modelName, offline)).rejects.toThrow(/nor a model in the cache/);
    expect(hub.requests).toHaveLength(asked);
  });
});

describe('downloads that break', () => {
  /** Sends the first `bytes` of the first shard, then breaks the connection; `times` times. */
  function breakAfter(bytes: number, times: number): void {
    fixture.deliver = (request, response) => {
      const { content } = fixture.files[firstShard];
      if (!shardBlob().endsWith(request.url!.slice(1)) || times-- <= 0) return false;
      const from = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
      const range = { 'Content-Range': `bytes ${from}-${content.length - 1}/${content.length}` };
      response.writeHead(from > 0 ? 206 : 200, { 'Content-Length': content.length - from, ...(from > 0 && range) });
      response.write(content.subarray(from, from + bytes), () => setTimeout(() => response.destroy(), 20));
      return true;
    };
  }

  it('goes on where it stopped, within a command and in the next', async () => {
    breakAfter(30_000, 1);
    await resolve();
    expect(hub.requests.filter((request) => request.includes('bytes=30000-'))).toHaveLength(2);

    await rm(root, { recursive: true });
    breakAfter(0, 99);
    const partial = `${shardBlob()}.finery-incomplete`;
    const { problem } = await failure(resolve());
    expect(problem).toMatchObject({ found: 'an end after 0 bytes', fix: expect.stringMatching(/goes on from there/) });
    await writeFile(partial, fixture.files[firstShard].content.subarray(0, 12_345));
    fixture.deliver = undefined;
    hub.requests.length = 0;
    await resolve();
    expect(hub.requests).toContainEqual(expect.stringContaining('bytes=12345-'));
    expect(await readFile(shardBlob())).toEqual(fixture.files[firstShard].content);
    expect((await blobs()).filter((name) => name.includes('incomplete'))).toEqual([]);
  });

  it('starts over where a server knows no ranges, or what is there is too long', async () => {
    await resolve();
    const { content } = fixture.files[firstShard];
    for (const length of [100, content.length + 5]) {
      await unlink(shardBlob());
      await writeFile(`${shardBlob()}.finery-incomplete`, Buffer.alloc(length, 7));
      fixture.deliver = (_, response) => {
        response.end(content);
        return true;
      };
      await resolve();
      expect(await readFile(shardBlob())).toEqual(content);
    }
  });

  it('refuses content that is not what was announced, and keeps none of it', async () => {
    const { content } = fixture.files[firstShard];
    for (const [wrong, found] of [
      [Buffer.alloc(content.length, 1), /the checksum [0-9a-f]{64}/],
      [Buffer.concat([content, Buffer.from('x')]), /more than \d+ bytes/],
    ] as const) {
      fixture.deliver = (_, response) => {
        response.end(wrong);
        return true;
      };
      await expect(resolve()).rejects.toThrow(found);
      await expect(lstat(shardBlob())).rejects.toThrow(/ENOENT/);
      await rm(`${shardBlob()}.finery-incomplete`, { force: true });
    }
    fixture.deliver = undefined;
    const config = fixture.files['config.json'].content;
    fixture.answer = (request, response) => {
      if (!request.url!.endsWith('/config.json')) return false;
      response.end(Buffer.alloc(config.length, 32));
      return true;
    };
    await rm(repository(), { recursive: true });
    await expect(resolve()).rejects.toThrow(/config.json: found the checksum [0-9a-f]{40}/);
  });

  it('stops when it is told to, and goes on later', async () => {
    const stop = new AbortController();
    fixture.deliver = (_, response) => {
      const first = fixture.files[firstShard].content.subarray(0, 1000);
      response.writeHead(200).write(first, () => stop.abort(new Error('enough')));
      return true;
    };
    await expect(resolve(modelName, { signal: stop.signal })).rejects.toThrow('enough');
    expect((await readdir(repository())).filter((name) => name.startsWith('.lock'))).toEqual([]);
    fixture.deliver = undefined;
    await expect(resolve()).resolves.toMatch(/snapshots/);
  });
});
