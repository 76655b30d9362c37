/** The frame of every report: one HTML file that needs nothing else, neither network nor scripts. */
import { Markup, markup } from './markup.ts';
import { stylesheet } from './style.ts';

export interface Page {
  readonly title: string;
  /** Of this kind of report, after what all have. Ours, never from data. */
  readonly styles: string;
  readonly body: Markup;
}

/** A whole HTML document. */
export function renderPage({ title, styles, body }: Page): string {
  // The second line of defence behind escaping: nothing on this page may be fetched or executed.
  const policy = "default-src 'none'; style-src 'unsafe-inline'";
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<style>${new Markup(stylesheet + styles)}</style>
</head>
<body>
${body}</body>
</html>
`.text;
}
