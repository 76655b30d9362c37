import type { Failure, Outcome } from '../model/language-model.ts';

export function succeeded<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function failed(kind: Failure['kind'], reason: string): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure: { kind, reason } };
}
