/** Runs an exported decoder with the binding that transformers.js runs it with. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { emptyCache } from './empty-cache.ts';

type Cache = Readonly<Record<string, Tensor>>;

/** Rows of ids of one length, with what is padding; `cache` is what an earlier call gave back. */
interface Piece {
  readonly ids: readonly (readonly number[])[];
  /** Of all tokens so far. Default: nothing is padding. */
  readonly mask?: readonly (readonly number[])[];
  readonly cache?: Cache;
}

export interface ExportedDecoder {
  /** Logits [rows, length, vocabulary], and the cache with the piece in it. */
  read(piece: Piece): Promise<{ readonly logits: Float32Array; readonly cache: Cache }>;
  /** Logits [ids, vocabulary] of one text, read in pieces of these lengths. */
  readInPieces(ids: readonly number[], lengths: readonly number[]): Promise<Float32Array>;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  release(): Promise<void>;
}

const int64 = (rows: readonly (readonly number[])[]): Tensor =>
  new Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0].length]);

/** Positions count what is not padding, as in transformers. */
function positionsOf(mask: readonly number[], length: number): number[] {
  let seen = 0;
  const all = mask.map((given) => {
    seen += given;
    return given === 0 ? 1 : seen - 1;
  });
  return all.slice(-length);
}

const pastName = (present: string): string => present.replace('present', 'past_key_values');

export async function openExportedDecoder(path: string): Promise<ExportedDecoder> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const empty = (rows: number) => emptyCache(session, rows);
  const read: ExportedDecoder['read'] = async ({ ids, cache = empty(ids.length), ...piece }) => {
    const past = Object.values(cache)[0].dims[2];
    const length = ids[0].length;
    const mask = piece.mask ?? ids.map(() => Array<number>(past + length).fill(1));
    const { logits, ...present } = await session.run({
      input_ids: int64(ids),
      attention_mask: int64(mask),
      position_ids: int64(mask.map((row) => positionsOf(row, length))),
      ...cache,
    });
    return {
      logits: logits.data as Float32Array,
      cache: Object.fromEntries(Object.entries(present).map(([name, tensor]) => [pastName(name), tensor])),
    };
  };
  return {
    read,
    async readInPieces(ids, lengths) {
      const pieces: Float32Array[] = [];
      let [at, cache]: [number, Cache | undefined] = [0, undefined];
      for (const length of lengths) {
        const piece = await read({ ids: [ids.slice(at, at + length)], cache });
        pieces.push(piece.logits);
        cache = piece.cache;
        at += length;
      }
      return Float32Array.from(pieces.flatMap((logits) => [...logits]));
    },
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    release: () => session.release(),
  };
}
