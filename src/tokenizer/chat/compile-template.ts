/**
 * Parses a chat template with the settings of transformers: `trim_blocks`, `lstrip_blocks`, and the statement
 * `{% generation %}` around what an assistant says. The library would drop that statement, so it is read as
 * `{% call %}`, which transformers makes of it as well.
 */

import { type Node, parse, tokenize } from './jinja-library.ts';

/** The macro that generation blocks are said to call. */
const GENERATION = '__generation__';

export interface CompiledTemplate {
  readonly program: Node;
  /** Expressions that stand alone, and so are written out. */
  readonly printed: ReadonlySet<Node>;
  /** The first statements of loops, with the name of the loop's variable. */
  readonly loopStarts: ReadonlyMap<Node, string>;
  readonly hasGenerationBlocks: boolean;
}

/** What statements take of the space around them: in chat templates the line that they stand on. */
interface BlockSpace {
  readonly lstrip_blocks: boolean;
  readonly trim_blocks: boolean;
}

const CHAT_SPACE: BlockSpace = { lstrip_blocks: true, trim_blocks: true };

/** Throws the library's `SyntaxError` or `Error` for a template that is not Jinja as it knows it. */
export function compileTemplate(source: string, space = CHAT_SPACE): CompiledTemplate {
  const program = parse(tokenize(generationAsCall(source), space));
  const printed = new Set<Node>();
  const loopStarts = new Map<Node, string>();
  let hasGenerationBlocks = false;

  function visit(body: readonly Node[]): void {
    for (const node of body) {
      switch (node.type) {
        case 'If':
          visit(node.body);
          visit(node.alternate);
          break;
        case 'For':
          if (node.loopvar.type === 'Identifier' && node.body.length > 0) {
            loopStarts.set(node.body[0], node.loopvar.value);
          }
          visit(node.body);
          visit(node.defaultBlock);
          break;
        case 'Set':
        case 'Macro':
          visit(node.body);
          break;
        case 'CallStatement':
          if (isGeneration(node)) hasGenerationBlocks = true;
          else printed.add(node);
          visit(node.body);
          break;
        case 'FilterStatement':
          printed.add(node);
          visit(node.body);
          break;
        case 'Comment':
        case 'Break':
        case 'Continue':
          break;
        default:
          printed.add(node);
      }
    }
  }

  if (program.type === 'Program') visit(program.body);
  return { program, printed, loopStarts, hasGenerationBlocks };
}

export function isGeneration(node: Node): boolean {
  return (
    node.type === 'CallStatement' && node.call.callee.type === 'Identifier' && node.call.callee.value === GENERATION
  );
}

function generationAsCall(source: string): string {
  return source.replace(
    /\{%(-?)\s*(end)?generation\s*(-?)%\}/g,
    (_, left: string, end: string | undefined, right: string) =>
      `{%${left} ${end ? 'endcall' : `call ${GENERATION}()`} ${right}%}`,
  );
}
