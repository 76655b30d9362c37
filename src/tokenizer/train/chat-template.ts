/**
 * The chat template of trained tokenizers, in ChatML: turns between `<|im_start|>` and `<|im_end|>`, functions
 * described in the system turn, their calls and results between their own marks.
 */
export const CHAT_TEMPLATE = String.raw`
{%- set start = '<|im_start|>' -%}
{%- set end = '<|im_end|>\n' -%}
{%- if messages[0].role == 'system' -%}
  {%- set instructions = messages[0].content -%}
  {%- set turns = messages[1:] -%}
{%- else -%}
  {%- set instructions = '' -%}
  {%- set turns = messages -%}
{%- endif -%}
{%- if instructions or tools -%}
  {{- start + 'system\n' + instructions -}}
  {%- if tools -%}
    {%- if instructions -%}{{- '\n\n' -}}{%- endif -%}
    {{- 'Functions you may call, one JSON description on each line:\n' -}}
    {%- for tool in tools -%}
      {{- tool | tojson + '\n' -}}
    {%- endfor -%}
    {{- 'Write a call as <tool_call>{"name": ..., "arguments": {...}}</tool_call>. Its result follows in <tool_response>.' -}}
  {%- endif -%}
  {{- end -}}
{%- endif -%}
{%- for message in turns -%}
  {{- start + message.role + '\n' -}}
  {%- if message.role == 'tool' -%}
    {{- '<tool_response>' + message.content + '</tool_response>' -}}
  {%- else -%}
    {{- message.content if message.content else '' -}}
    {%- for call in message.tool_calls if message.tool_calls -%}
      {%- set called = call.function if call.function else call -%}
      {{- '<tool_call>{"name": ' + called.name | tojson + ', "arguments": ' -}}
      {{- called.arguments if called.arguments is string else called.arguments | tojson -}}
      {{- '}</tool_call>' -}}
    {%- endfor -%}
  {%- endif -%}
  {{- end -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
  {{- start + 'assistant\n' -}}
{%- endif -%}
`.trim();
