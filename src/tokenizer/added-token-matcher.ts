/**
 * Finds added tokens in text: at each place the longest one, from left to right, as Hugging Face tokenizers do.
 * A trie over UTF-16 units, so that the time depends on the text and not on how many tokens were added.
 */

import type { AddedToken } from './definition.ts';

interface TrieNode {
  readonly next: Map<number, TrieNode>;
  id: number;
}

const emptyNode = (): TrieNode => ({ next: new Map(), id: -1 });

export class AddedTokenMatcher {
  readonly #root = emptyNode();

  constructor(tokens: readonly AddedToken[]) {
    for (const { content, id } of tokens) {
      let node = this.#root;
      for (let i = 0; i < content.length; i++) {
        const unit = content.charCodeAt(i);
        let child = node.next.get(unit);
        if (child === undefined) {
          child = emptyNode();
          node.next.set(unit, child);
        }
        node = child;
      }
      node.id = id;
    }
  }

  /** Calls `onText` and `onToken` for the pieces of `text`, in order; no piece of text is empty. */
  split(text: string, onText: (piece: string) => void, onToken: (id: number) => void): void {
    if (this.#root.next.size === 0) {
      if (text !== '') onText(text);
      return;
    }
    let start = 0;
    let at = 0;
    while (at < text.length) {
      let node = this.#root.next.get(text.charCodeAt(at));
      if (node === undefined) {
        at++;
        continue;
      }
      let id = node.id;
      let end = at + 1;
      for (let i = end; i < text.length; i++) {
        node = node.next.get(text.charCodeAt(i));
        if (node === undefined) break;
        if (node.id >= 0) [id, end] = [node.id, i + 1];
      }
      if (id < 0) {
        at++;
        continue;
      }
      if (start < at) onText(text.slice(start, at));
      onToken(id);
      start = at = end;
    }
    if (start < text.length) onText(start === 0 ? text : text.slice(start));
  }
}
