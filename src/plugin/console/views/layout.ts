/** The page around every view: `document`. Pure. */
import { raw } from 'hono/html'
import { type Drawn, html, type Html, whole } from '../markup.ts'

/** What the path of the stream of a page begins with. */
export const LIVE = '/live'

/** @param stream where its changes come from @param place what the console shows, such as `namespace sei` */
export function document(drawn: Drawn, stream: string, place: string): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content="includeIndicatorCSS:false, history:false" />
        <title>${drawn.title} · Sei console</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/style.css" />
        <script src="/console.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
          <a class="brand" href="/">Sei console</a>
          <span class="place">${place}</span>
          <p id="connection" role="status" data-state="waiting">Connecting</p>
        </header>
        <noscript><p class="notice warn">Without JavaScript, reload the page to see what is new.</p></noscript>
        <main id="main" tabindex="-1" hx-sse:connect="${stream}" hx-swap="innerMorph">${raw(whole(drawn))}</main>
      </body>
    </html> `
}
