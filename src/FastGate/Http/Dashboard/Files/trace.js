// The trace of a device: its messages in and out, shown as they come.
import { act, open } from './api.js';
import { button, field, h, say } from './dom.js';
import { readLines } from './stream.js';
import { t } from './words.js';

const mostLines = 500;

/** A panel that starts, shows and ends a trace. A trace that is left running ends by itself after its minutes. */
export function tracePanel(target, signal) {
  const minutes = h('input', { type: 'number', min: 1, max: 60, value: 5, name: 'traceMinutes' });
  const lines = h('div', { class: 'trace', role: 'log', 'aria-label': t('trace'), tabindex: 0 });
  const start = button(t('startTrace'), begin, { 'data-act': 'trace' });
  const stop = button(t('stopTrace'), end, { disabled: true, 'data-act': 'trace-stop' });
  const problem = h('p', { class: 'error', role: 'alert' });
  let id = null;

  async function begin() {
    start.disabled = true;
    problem.textContent = '';
    lines.replaceChildren();
    try {
      id = (await act('POST', 'traces', { ...target, minutes: Number(minutes.value) })).id;
      if (signal.aborted) {
        leave();
        return;
      }
      stop.disabled = false;
      await readLines(await open('GET', `traces/${encodeURIComponent(id)}`, { signal, accept: 'application/x-ndjson' }), add);
      say(t('traceEnded'));
    } catch (error) {
      // The browser's own message for a connection that broke says little.
      if (error.name !== 'AbortError') problem.textContent = id !== null && error instanceof TypeError ? t('traceCut', error.message) : error.message;
    } finally {
      id = null;
      start.disabled = false;
      stop.disabled = true;
    }
  }

  async function end() {
    stop.disabled = true;
    try {
      await act('DELETE', `traces/${encodeURIComponent(id)}`);
    } catch (error) {
      problem.textContent = error.message;
    }
  }

  /** The end stays in view unless the reader has scrolled up. */
  function add(line) {
    if (line === '') return;
    const atEnd = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 4;
    lines.append(h('pre', null, line));
    if (lines.childElementCount > mostLines) lines.firstChild.remove();
    if (atEnd) lines.scrollTop = lines.scrollHeight;
  }

  /** A page or a tab that is left must not leave a trace behind; the request outlives both. */
  function leave() {
    if (id !== null) open('DELETE', `traces/${encodeURIComponent(id)}`, { keepalive: true }).catch(() => {});
    id = null;
  }

  signal.addEventListener('abort', leave, { once: true });
  window.addEventListener('pagehide', leave, { signal });
  return h('section', { class: 'panel wide' }, h('h2', null, t('trace')), h('p', { class: 'soft' }, t('traceText')),
    h('div', { class: 'row' }, field(t('minutes'), minutes), start, stop), problem, lines);
}
