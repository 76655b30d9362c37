/**
 * Places a model's parameters in arenas. One arena reaches 4 GiB at most, so a large model takes several; the arrays of
 * one parameter (weight, gradient, moments) always share an arena, because a kernel sees one memory only.
 */
import { UsageError } from '../errors.ts';
import { elementCount } from '../tensor/element-type.ts';
import { Arena, arrayBytes, maximumArenaBytes } from './arena.ts';
import { totalMemory } from './total-memory.ts';

/** What is kept per parameter; `m` and `v` are the moments of AdamW. */
export type ArrayKind = 'weight' | 'gradient' | 'm' | 'v';

export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A parameter with the arrays that were asked for, all zero and all of the shape's size. */
export type Parameter<Kind extends ArrayKind = ArrayKind> = ParameterShape &
  Readonly<Record<Kind, Float32Array<SharedArrayBuffer>>> & { readonly arena: Arena };

export interface AllocationOptions {
  /** Bytes per arena, at most and by default as much as WebAssembly reaches. */
  readonly arenaBytes?: number;
  /** Bytes of all arrays, at most and by default what the machine has: more would end in a killed process. */
  readonly memoryBytes?: number;
}

/**
 * Parameters by name, in the order given. Frozen parameters ask for `['weight']`, trained ones for all four kinds.
 * @throws UsageError for a name given twice, a broken shape, a parameter whose arrays do not fit one arena together, or more
 * of them than there is memory.
 */
export function allocateParameters<Kind extends ArrayKind>(
  shapes: Iterable<ParameterShape>,
  kinds: readonly Kind[],
  options: AllocationOptions = {},
): ReadonlyMap<string, Parameter<Kind>> {
  const limit = Math.min(options.arenaBytes ?? maximumArenaBytes, maximumArenaBytes);
  const groups = groupByArena(shapes, kinds.length, limit);
  requireMemory(groups, options.memoryBytes ?? totalMemory());
  const parameters = new Map<string, Parameter<Kind>>();
  for (const group of groups) {
    // Sized exactly: the plan is made before anything is reserved.
    const arena = new Arena(group.bytes);
    for (const { name, shape, size } of group.members) {
      const arrays = Object.fromEntries(kinds.map((kind) => [kind, arena.allocate(size)]));
      // `kinds` lists every member of `Kind`.
      parameters.set(name, { name, shape, arena, ...(arrays as Record<Kind, Float32Array<SharedArrayBuffer>>) });
    }
  }
  return parameters;
}

interface Group {
  bytes: number;
  readonly members: { name: string; shape: readonly number[]; size: number }[];
}

function groupByArena(shapes: Iterable<ParameterShape>, arrays: number, limit: number): readonly Group[] {
  const groups: Group[] = [];
  const names = new Set<string>();
  for (const { name, shape } of shapes) {
    const size = elementCount(shape);
    if (names.has(name)) throw refuse(name, 'a second parameter of this name', 'names that differ');
    if (size === undefined) throw refuse(name, `shape [${shape}]`, 'a list of lengths whose product is exact');
    const bytes = arrays * arrayBytes(size);
    if (bytes > limit) {
      throw refuse(
        name,
        `shape [${shape}], ${bytes} bytes with its ${arrays} arrays`,
        `at most ${limit} bytes per parameter`,
      );
    }
    names.add(name);
    if (groups.length === 0 || groups.at(-1)!.bytes + bytes > limit) groups.push({ bytes: 0, members: [] });
    const group = groups.at(-1)!;
    group.bytes += bytes;
    group.members.push({ name, shape, size });
  }
  return groups;
}

function requireMemory(groups: readonly Group[], memory: number): void {
  const bytes = groups.reduce((sum, group) => sum + group.bytes, 0);
  if (bytes <= memory) return;
  throw new UsageError({
    field: 'model',
    found: `${bytes} bytes of parameters and what is kept beside them`,
    expected: `at most the ${memory} bytes of this machine's memory`,
    fix: 'Choose a smaller model or a larger machine; finery doctor tells which models fit.',
  });
}

function refuse(name: string, found: string, expected: string): UsageError {
  return new UsageError({ field: `parameter ${name}`, found, expected, fix: 'Check the model configuration.' });
}
