/** What `finery chat` does: opens the model, says what it is, and talks with a person or with a pipe. */

import { formatBytes, formatCount } from '../../observe/numbers.ts';
import type { ChatFlags } from '../commands/chat.ts';
import { wrongValue } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';
import { chatInPipe } from './chat-in-pipe.ts';
import { chatInTerminal } from './chat-in-terminal.ts';
import { ChatSession } from './chat-session.ts';
import { type OpenChat, openChat } from './open-chat.ts';
import { samplingOf } from './sampling-options.ts';

export async function startChat(folder: string, flags: ChatFlags, terminal: Terminal): Promise<void> {
  const { stdin, stdout } = process;
  if (terminal.json) {
    throw wrongValue('--json', 'a chat, which is no document', 'text; finery generate --messages answers in JSON');
  }
  const isPerson = stdin.isTTY && stdout.isTTY;
  terminal.talk(`loading ${folder}`);
  const chat = await openChat(folder, flags, terminal);
  try {
    introduce(chat, terminal, isPerson);
    const settings = { ...samplingOf(flags), maxTokens: flags.maxTokens, tools: flags.tools };
    const session = new ChatSession(chat, settings, terminal, flags.system);
    if (isPerson) await chatInTerminal(session, terminal, { input: stdin, output: stdout });
    else await chatInPipe(session, terminal, stdin);
  } finally {
    await chat.close();
  }
}

function introduce(chat: OpenChat, terminal: Terminal, isPerson: boolean): void {
  const { model, generator, hasTemplate, untaughtEnd } = chat;
  const { modelType, sizes } = model.frozen.decoder;
  terminal.talk(
    [
      `${modelType}, ${sizes.layers} layers, ${model.frozen.precision}`,
      `context ${formatCount(generator.capacity)} tokens`,
      `loaded in ${model.seconds.toFixed(1)} s`,
      `${formatBytes(process.memoryUsage.rss())} in memory`,
    ].join('; '),
  );
  if (!hasTemplate) terminal.talk('no chat template: the model just continues your text, line after line');
  else if (untaughtEnd !== undefined) {
    terminal.talk(
      `${untaughtEnd} after an answer is less likely than chance: this looks like a base model, not tuned to answer`,
    );
  }
  if (isPerson) terminal.talk('/help lists the commands; Ctrl-C stops an answer, Ctrl-D leaves');
}
