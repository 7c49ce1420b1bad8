/** What the portal's page around this one understands: a word chooses among its own pages. */
export type PortalWord = { hdh: 'portal' } | { hdh: 'request'; request: number };

/**
 * Have the portal's page around this one open one of its own pages: a frame cannot.
 *
 * @param hubUrl - The portal's address, as the gateway tells it; nobody else is told anything.
 */
export function askPortal(hubUrl: string, word: PortalWord): void {
  window.parent.postMessage(word, new URL(hubUrl).origin);
}
