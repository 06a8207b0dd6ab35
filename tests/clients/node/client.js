'use strict';
// Holds the conversation of ../README.md with npm's ws, which offers permessage-deflate by default.
const WebSocket = require('ws');

const hello = {
  type: 'hello',
  version: 1,
  transport: 'websocket',
  audio_params: { format: 'opus', sample_rate: 16000, channels: 1, frame_duration: 60 },
};

function note(message) {
  process.stdout.write(JSON.stringify(message) + '\n');
}

function converse(url, text, ping) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.on('error', reject);
    socket.on('open', () => {
      note({ event: 'open' });
      socket.send(JSON.stringify(hello));
    });
    socket.on('message', (data) => {
      const message = JSON.parse(data.toString());
      note(message);
      if (message.type === 'hello') {
        socket.send(JSON.stringify({ type: 'listen', state: 'detect', text }));
      } else if (message.type === 'tts' && message.state === 'stop') {
        if (ping) {
          socket.send('{"type":"ping"}');
        } else {
          socket.close(1000);
        }
      } else if (message.type === 'pong') {
        socket.close(1000);
      }
    });
    socket.on('close', (code) => {
      note({ event: 'closed', code });
      resolve();
    });
  });
}

async function main() {
  const [url, first, second] = process.argv.slice(2);
  await converse(url, first, true);
  await converse(url, second, false);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
