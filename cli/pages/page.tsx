import { createHash } from 'node:crypto';
import type { ComponentChildren, JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { CSS } from './style.js';

interface PageParts {
  readonly title: string;
  readonly children: ComponentChildren;
}

/** Nothing is loaded and no script runs, whatever a text has managed to become: the one style sheet is known by its hash. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(CSS).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** A whole document that needs nothing from anywhere. Every text in it is escaped by what writes it. */
export function pageHtml({ title, children }: PageParts): string {
  const page: JSX.Element = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={POLICY} />
        <meta name="referrer" content="no-referrer" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        {/* A style sheet is no text that could be escaped; nothing from outside is in it. */}
        <style dangerouslySetInnerHTML={{ __html: CSS }} />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        {children}
      </body>
    </html>
  );
  return `<!doctype html>\n${renderToString(page)}\n`;
}
