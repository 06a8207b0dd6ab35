'use strict';
// Sends messages to an echo server through permessage-deflate, with every combination of its parameters, and compares what comes back.
const WebSocket = require('ws');

const sizes = [16, 64, 256, 1024, 4096, 16384, 65536, 131072];

// The large ones with each ninth combination.
function messages(number) {
  return sizes.slice(0, number % 9 === 1 ? sizes.length : 5).flatMap((size) => [
    Array.from({ length: size }, (_, i) => (i % 7 === 0 ? String(i * 7919 % 1000) : '天气 weather'[i % 10])).join('').slice(0, size),
    Buffer.from(Array.from({ length: size }, (_, i) => (i * i >> 3) & 255)),
  ]);
}

function converse(url, options, number) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url}?device-id=node-${number}`, { perMessageDeflate: { threshold: 0, ...options } });
    const expected = messages(number);
    let next = 0;
    socket.on('error', reject);
    socket.on('open', () => {
      if (!socket.extensions.startsWith('permessage-deflate')) {
        reject(new Error(`${number}: not negotiated: ${socket.extensions}`));
      }
      expected.forEach((message, index) => {
        if (index % 3 === 0) {
          // Three fragments.
          const third = Math.ceil(message.length / 3);
          socket.send(message.slice(0, third), { fin: false, compress: true });
          socket.send(message.slice(third, 2 * third), { fin: false, compress: true });
          socket.send(message.slice(2 * third), { fin: true, compress: true });
        } else {
          socket.send(message, { compress: index % 4 !== 1 });
        }
      });
    });
    socket.on('message', (data, isBinary) => {
      const message = expected[next++];
      if (isBinary !== Buffer.isBuffer(message) || !data.equals(Buffer.from(message))) {
        reject(new Error(`${number}: the echo of ${message.length} differs`));
      }
      if (next === expected.length) {
        socket.close(1000);
      }
    });
    socket.on('close', (code) => (code === 1000 && next === expected.length ? resolve() : reject(new Error(`${number}: closed with ${code}`))));
  });
}

async function main() {
  let number = 0;
  for (const serverMaxWindowBits of [undefined, 8, 9, 10, 11, 12, 13, 14, 15]) {
    // zlib cannot compress with a window of 2^8.
    for (const clientMaxWindowBits of [undefined, true, 9, 10, 11, 12, 13, 14, 15]) {
      number++;
      await converse(process.argv[2], {
        serverNoContextTakeover: number % 3 === 0 || undefined,
        clientNoContextTakeover: number % 5 === 0 || undefined,
        serverMaxWindowBits,
        clientMaxWindowBits,
      }, number);
    }
  }
  console.log(`ok ${number}`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
