import { setMaxListeners } from 'node:events';

/** A signal that aborts with any of those given, for requests that all listen to it: of many listeners Node warns as of a leak. */
export function sharedSignal(signals: readonly AbortSignal[]): AbortSignal {
  const shared = AbortSignal.any([...signals]);
  setMaxListeners(0, shared);
  return shared;
}
