// The event stream of the gateway, shared by all pages: the last event, and the points of the last ten minutes for the plots.
import { follow } from './stream.js';

const mostPoints = 600;

let last = null;
let state = 'connecting';
const points = [];
const listeners = new Set();

export const live = { get last() { return last; }, get state() { return state; }, points };

/** Calls back with each event until the signal. */
export function listen(listener, signal) {
  listeners.add(listener);
  signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
  if (last) listener(last);
}

export const start = (signal, onState) => follow('events', {
  signal,
  onState: (next) => { state = next; onState(next); },
  onEvent: (name, event) => {
    if (name !== 'overview') return;
    add(event);
    last = event;
    for (const listener of listeners) listener(event);
  },
});

export const sum = (counts) => Object.values(counts ?? {}).reduce((total, count) => total + count, 0);

/** Counters become rates. A restart may set a counter back, which is no rate. */
function add(event) {
  const at = new Date(event.at).getTime() / 1000;
  const before = points.at(-1);
  const counts = { connects: event.connects, ends: sum(event.ends), turns: sum(event.turns) };
  const seconds = before ? at - before.at : 0;
  const rates = Object.fromEntries(Object.entries(counts).map(([name, count]) =>
    [name, seconds > 0 ? Math.max(0, (count - before.counts[name]) / seconds) : null]));
  points.push({ at, counts, rates, event });
  if (points.length > mostPoints) points.shift();
}

/** The points as uPlot wants them: times first, then one array per selected value. */
export const series = (...select) => [points.map((point) => point.at), ...select.map((value) => points.map(value))];
