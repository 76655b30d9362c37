/** Changes to files such as damage and malice make: of bytes, and of the values of JSON. */
import type { RandomStream } from '../../src/random/stream.ts';

/** Where lengths, counts and offsets go wrong. */
const numbers = [
  0n,
  1n,
  7n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 60n,
  2n ** 63n,
  2n ** 64n - 1n,
];

const byteChanges: readonly ((bytes: Buffer, at: number, random: RandomStream) => Buffer)[] = [
  (bytes, at, random) => {
    bytes[at] = random.below(256);
    return bytes;
  },
  (bytes, at, random) => {
    bytes[at] ^= 1 << random.below(8);
    return bytes;
  },
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at, random) => {
    const number = Buffer.alloc(8);
    number.writeBigUInt64LE(numbers[random.below(numbers.length)]);
    number.copy(bytes, at, 0, random.below(2) ? 8 : 4);
    return bytes;
  },
  (bytes, at, random) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(16))]),
  (bytes, at, random) => {
    const end = at + 1 + random.below(64);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at, end), bytes.subarray(end)]);
  },
];

/** @param reach bytes at the beginning in which to change something */
export function mutateBytes(sound: Buffer, random: RandomStream, reach = sound.length): Buffer {
  let bytes: Buffer = Buffer.from(sound);
  for (let changes = 1 + random.below(4); changes > 0 && bytes.length > 0; changes--) {
    const change = byteChanges[random.below(byteChanges.length)];
    bytes = change(bytes, random.below(Math.min(reach, bytes.length)), random);
  }
  return bytes;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const hostileValues: readonly (() => Json)[] = [
  () => null,
  () => true,
  () => false,
  () => 0,
  () => 1,
  () => -1,
  () => 0.5,
  () => 1e-300,
  () => 3,
  () => 2 ** 20,
  () => 2 ** 31,
  () => 2 ** 53,
  () => 1e300,
  () => '',
  () => 'x',
  () => '__proto__',
  () => '../../../etc/passwd',
  () => '/dev/zero',
  () => '\u0000',
  () => '\ud800',
  () => '{{ 9 ** 9 }}',
  () => '(a+)+$',
  () => 'x'.repeat(100_000),
  () => [],
  () => ({}),
  () => [[]],
  () => [null],
  () => Array.from({ length: 1000 }, () => 1),
  () => deep,
];

/** Stands for lists within lists, so many that what looks at them recursively has no stack left. */
const deep = 'lists within lists';
const deepText = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

interface Place {
  readonly holder: Record<string, Json>;
  readonly key: string;
}

/** Every member of every object and list. Of long lists and objects some are enough. */
function places(value: Json, found: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return found;
  const holder = value as Record<string, Json>;
  for (const key of Object.keys(holder).slice(0, 300)) {
    found.push({ holder, key });
    places(holder[key], found);
  }
  return found;
}

/** One to three members are given another value, left out, copied to another name, or exchanged. */
export function mutateJson(sound: Buffer, random: RandomStream): Buffer {
  const document = JSON.parse(sound.toString()) as Json;
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const all = places(document);
    if (all.length === 0) break;
    const [one, other] = [0, 1].map(() => all[random.below(all.length)]);
    const kind = random.below(6);
    if (kind < 3) one.holder[one.key] = hostileValues[random.below(hostileValues.length)]();
    else if (kind === 3) delete one.holder[one.key];
    else if (kind === 4) other.holder[`${one.key}${random.below(3) || ''}`] = structuredClone(one.holder[one.key]);
    else {
      const [first, second] = [one, other].map(({ holder, key }) => structuredClone(holder[key] ?? null));
      other.holder[other.key] = first;
      one.holder[one.key] = second;
    }
  }
  return Buffer.from(JSON.stringify(document).replaceAll(`"${deep}"`, deepText));
}

/** A safetensors file: its header as bytes or as JSON of another length. */
export function mutateHeader(sound: Buffer, random: RandomStream): Buffer {
  const end = 8 + Number(sound.readBigUInt64LE());
  if (random.below(2) === 0) return mutateBytes(sound, random, end);
  const header = mutateJson(sound.subarray(8, end), random);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, sound.subarray(end)]);
}
