"""Standing where an attacker stands: in the workspace's page, inside the portal's frame, and in a kernel of it.

A member's `Page` shows the portal's page around the workspace; :func:`lab` gives the frame in which JupyterLab is, with
Playwright's usual methods (`locator`, `evaluate`, `get_by_text`...). Keyboard, reload and pictures stay the page's.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Frame, Page

CALL = """
async path => {
  const base = location.pathname.match(/^\\/user\\/[^/]+\\//)[0];
  const xsrf = document.cookie.split('; ').find(c => c.startsWith('_xsrf=')).slice(6);
  const reply = await fetch(base + path, {headers: {'X-XSRFToken': decodeURIComponent(xsrf)}});
  const text = await reply.text();
  try { return [reply.status, JSON.parse(text)] } catch { return [reply.status, text] }
}
"""

RUN = """
async ([kernel, code]) => {
  const base = location.pathname.match(/^\\/user\\/[^/]+\\//)[0];
  const xsrf = document.cookie.split('; ').find(c => c.startsWith('_xsrf=')).slice(6);
  const headers = {'Content-Type': 'application/json', 'X-XSRFToken': decodeURIComponent(xsrf)};
  const started = await fetch(base + 'api/kernels', {method: 'POST', headers, body: JSON.stringify({name: kernel})});
  if (!started.ok) throw new Error('kernel: ' + started.status + ' ' + await started.text());
  const {id} = await started.json();
  const socket = new WebSocket(location.origin.replace('http', 'ws') + base + 'api/kernels/' + id + '/channels');
  try {
    return await new Promise((resolve, reject) => {
      let output = '';
      const header = {msg_id: crypto.randomUUID?.() ?? String(Math.random()), msg_type: 'execute_request',
        username: '', session: 's' + Math.random(), date: new Date().toISOString(), version: '5.3'};
      socket.onerror = () => reject(new Error('websocket'));
      socket.onclose = event => reject(new Error('closed ' + event.code + ': ' + output));
      socket.onopen = () => socket.send(JSON.stringify({channel: 'shell', header, parent_header: {}, metadata: {},
        buffers: [], content: {code, silent: false, store_history: false, user_expressions: {}, allow_stdin: false}}));
      socket.onmessage = event => {
        const message = JSON.parse(event.data);
        if (message.parent_header.msg_id !== header.msg_id) return;
        if (message.msg_type === 'stream') output += message.content.text;
        if (message.msg_type === 'error') output += message.content.ename + ': ' + message.content.evalue;
        if (message.msg_type === 'status' && message.content.execution_state === 'idle') resolve(output);
      };
    });
  } finally {
    socket.onclose = null;
    socket.close();
    await fetch(base + 'api/kernels/' + id, {method: 'DELETE', headers});
  }
}
"""


def lab(page: Page) -> Frame:
    """Return the frame in which a page of the portal shows its workspace; wait until there is one.

    It is looked up at each call, because a reload makes another one.
    """
    frame = page.wait_for_selector("iframe#workspace", state="attached").content_frame()
    assert frame is not None
    return frame


def call(page: Page, path: str) -> tuple[int, Any]:
    """Ask the workspace's server, as JupyterLab does, and return the status and the reply."""
    status, reply = lab(page).evaluate(CALL, path)
    return status, reply


def run_inside(page: Page, code: str, kernel: str = "python3") -> str:
    """Run `code` in a fresh kernel of the workspace that `page` shows, and return what it printed."""
    return str(lab(page).evaluate(RUN, [kernel, code]))
