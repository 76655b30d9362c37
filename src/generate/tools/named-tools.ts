/** Tools that a task file or a recipe can name. */
import { calculatorTool } from './calculator-tool.ts';
import type { DecodingTool } from './decoding-tool.ts';

export const toolNames = ['calculator'] as const;
export type ToolName = (typeof toolNames)[number];

const makers: Readonly<Record<ToolName, () => DecodingTool>> = { calculator: () => calculatorTool() };

export const namedTool = (name: ToolName): DecodingTool => makers[name]();
