/** `openai:NAME@URL`: a model's name and the base address of a server that speaks the OpenAI protocol. */
import { UsageError } from '../../errors.ts';
import { printable } from './printable.ts';

export interface EndpointAddress {
  /** As the server knows it. */
  readonly model: string;
  /** Without a slash at its end; routes such as `/chat/completions` are appended. */
  readonly url: string;
}

export interface AddressOptions {
  /** Whether requests, and the key with them, may travel unencrypted to another machine. Default no. */
  readonly allowPlainHttp?: boolean;
}

/** @throws UsageError for another form, credentials or a query in the URL, and plain http to another machine. */
export function parseEndpoint(text: string, { allowPlainHttp = false }: AddressOptions = {}): EndpointAddress {
  const match = /^openai:(.{1,512}?)@(https?:\/\/.{1,2048})$/.exec(text);
  const url = match !== null && URL.canParse(match[2]) ? new URL(match[2]) : undefined;
  if (match === null || url === undefined) {
    throw refuse(
      text,
      'openai:NAME@URL with an http or https URL',
      'Write it as in openai:my-model@http://localhost:8000/v1.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw refuse('credentials in the URL', 'a URL without them', 'Put the key into an environment variable.');
  }
  if (url.search !== '' || url.hash !== '') {
    throw refuse(text, 'a URL without a query or fragment', 'Leave out what follows the path.');
  }
  if (url.protocol === 'http:' && !allowPlainHttp && !isThisMachine(url.hostname)) {
    throw refuse(
      text,
      'https, or a server on this machine',
      'Use https, or allow plain http if the network between is trusted.',
    );
  }
  return { model: match[1], url: url.href.replace(/\/+$/, '') };
}

function isThisMachine(hostname: string): boolean {
  return /^(localhost|[^.]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function refuse(found: string, expected: string, fix: string): UsageError {
  return new UsageError({ field: 'endpoint', found: printable(found), expected, fix });
}
