import { expect, it } from 'vitest';
import { answered, endpointFixture, failureOf } from './testing/endpoint-fixture.ts';
import { sendError, sendJson } from './testing/test-server.ts';

const endpoint = endpointFixture();

it('gives each text its vector, and asks once for what is known', async () => {
  const model = await endpoint.openThen(({ body }, response) => {
    sendJson(response, { data: [{ embedding: [body.input.length, 0.5] }], usage: { prompt_tokens: 4 } });
  });
  const vectors = await model.embed!(['one', 'three']);
  expect(vectors.map((outcome) => [...answered(outcome)])).toEqual([
    [3, 0.5],
    [5, 0.5],
  ]);
  expect(endpoint.server.requests.map(({ route, body }) => [route, body.model])).toEqual([
    ['/embeddings', 'toy'],
    ['/embeddings', 'toy'],
  ]);
  const before = model.usage();
  expect(await model.embed!(['one', 'three'])).toEqual(vectors);
  expect(model.usage()).toMatchObject({ requests: before.requests, cached: before.cached + 2 });
});

it.each([
  ['no vector', { data: [] }],
  ['words', { data: [{ embedding: ['a'] }] }],
  ['an empty one', { data: [{ embedding: [] }] }],
  ['two', { data: [{ embedding: [1] }, { embedding: [2] }] }],
])('has none where the reply holds %s', async (_, reply) => {
  const model = await endpoint.openThen((_request, response) => sendJson(response, reply));
  expect(failureOf((await model.embed!(['text']))[0]).reason).toContain('not one vector');
});

it('says so where the server embeds nothing', async () => {
  const model = await endpoint.openThen((_request, response) => sendError(response, 404, 'no such route'));
  await expect(model.embed!(['text'])).rejects.toThrow('no such route');
});
