/**
 * The keys of a terminal on their way to the line editor. While an answer is written the gate is closed: keys wait, as
 * a terminal's own would, and Ctrl-C is told at once and drops what was typed before it.
 */
import { Readable } from 'node:stream';

/** What the gate needs of `process.stdin`. */
export interface KeySource extends NodeJS.EventEmitter {
  setRawMode(isRaw: boolean): unknown;
  resume(): unknown;
  pause(): unknown;
}

const controlC = 0x03;

export class KeyGate extends Readable {
  /** The line editor asks for it. */
  readonly isTTY = true;
  readonly #source: KeySource;
  readonly #onInterrupt: () => void;
  #held = Buffer.alloc(0);
  #isOpen = false;

  /**
   * A gate is closed at first.
   * @param onInterrupt Ctrl-C while the gate is closed
   */
  constructor(source: KeySource, onInterrupt: () => void) {
    super();
    this.#source = source;
    this.#onInterrupt = onInterrupt;
    source.on('data', this.#take);
    source.once('end', this.#end);
  }

  /** As the line editor calls it on a terminal. */
  setRawMode(isRaw: boolean): this {
    this.#source.setRawMode(isRaw);
    return this;
  }

  /** Keys are handed on at once, not buffered, so that there is nothing to read. */
  override _read(): void {}

  get isOpen(): boolean {
    return this.#isOpen;
  }

  shut(): void {
    this.#isOpen = false;
  }

  /** Lets through what was held, up to the line that shuts the gate again. */
  open(): void {
    this.#isOpen = true;
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    this.#pass(held);
  }

  /** Leaves the terminal to others. */
  detach(): void {
    this.#source.off('data', this.#take);
    this.#source.off('end', this.#end);
    this.#source.pause();
  }

  readonly #take = (chunk: Buffer): void => {
    if (this.#isOpen) {
      this.#pass(chunk);
      return;
    }
    const interrupt = chunk.lastIndexOf(controlC);
    if (interrupt >= 0) {
      this.#held = Buffer.alloc(0);
      this.#onInterrupt();
    }
    this.#hold(chunk.subarray(interrupt + 1));
  };

  /**
   * Byte by byte: any may shut the gate for what follows. Also, the line editor of Node 20 takes keys that come together
   * for pasted text, and puts a letter after an arrow key at the end of the line.
   */
  #pass(keys: Buffer): void {
    let at = 0;
    while (at < keys.length && this.#isOpen) {
      this.emit('data', keys.subarray(at, at + 1));
      at++;
    }
    this.#hold(keys.subarray(at));
  }

  #hold(keys: Buffer): void {
    if (keys.length > 0) this.#held = Buffer.concat([this.#held, keys]);
  }

  readonly #end = (): void => {
    this.emit('end');
  };
}
