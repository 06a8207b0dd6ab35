// Streams of lines: server-sent events and JSON lines. EventSource cannot send the token's header.
import { open } from './api.js';

const firstWaitMs = 500;
const longestWaitMs = 15_000;
const longestLine = 1_048_576;

/** Calls back with each line until the stream ends. */
export async function readLines(response, onLine) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    if (rest.length > longestLine) throw new Error('a line of the stream is too long');
    for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  }
}

/** Follows server-sent events until the signal, and connects again after a growing wait with a random part. */
export async function follow(path, { signal, onEvent, onState }) {
  let waitMs = firstWaitMs;
  while (!signal.aborted) {
    try {
      onState('connecting');
      const response = await open('GET', path, { signal, accept: 'text/event-stream' });
      let name = 'message';
      let data = [];
      await readLines(response, (line) => {
        if (line === '') {
          if (data.length > 0) {
            waitMs = firstWaitMs;
            onState('on');
            onEvent(name, JSON.parse(data.join('\n')));
          }
          name = 'message';
          data = [];
        } else if (line.startsWith('event:')) {
          name = line.slice(6).trim();
        } else if (line.startsWith('data:')) {
          data.push(line.slice(5).trim());
        }
      });
    } catch (error) {
      if (signal.aborted || error.status === 401) return;
    }
    onState('waiting');
    await pause(waitMs * (0.5 + Math.random() / 2), signal);
    waitMs = Math.min(waitMs * 2, longestWaitMs);
  }
}

const pause = (ms, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
});
