/** What `scoreContinuations` and `scoreTexts` do at a server, in words; undefined where they are exact. */
import type { Capabilities } from './capabilities.ts';

export function scoringLimitation({ chat, completions }: Capabilities): string | undefined {
  const afterTexts = completions?.echo ? undefined : firstTokenOnly(completions?.candidates ?? 0);
  const afterConversations = chat ? firstTokenOnly(chat.candidates) : undefined;
  if (afterTexts === undefined && afterConversations === undefined) return undefined;
  const parts = [
    'This server tells only some log-probabilities.',
    `Texts as wholes: ${completions?.echo ? 'exact' : 'not scored, as the server does not repeat a text with its log-probabilities'}.`,
    `Continuations of texts: ${completions ? (afterTexts ?? 'exact') : 'not scored, as the server takes no texts'}.`,
    ...(afterConversations === undefined ? [] : [`Continuations of conversations: ${afterConversations}.`]),
  ];
  return parts.join(' ');
}

function firstTokenOnly(candidates: number): string {
  if (candidates === 0) return 'not scored, as the server tells no log-probabilities';
  return (
    `by the ${candidates} likeliest first tokens; an option that is none of them gets the least of these ` +
    'log-probabilities as an upper bound, and options of several tokens fail unless they begin with none of them'
  );
}
