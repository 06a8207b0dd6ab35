#!/usr/bin/python3
"""Holds the conversation of README.md with Debian's websockets library."""

import asyncio
import json
import ssl
import sys

import websockets

HELLO = {
    "type": "hello",
    "version": 1,
    "transport": "websocket",
    "audio_params": {"format": "opus", "sample_rate": 16000, "channels": 1, "frame_duration": 60},
}


def note(message):
    print(json.dumps(message), flush=True)


async def receive_until(socket, kind, state=None):
    while True:
        message = json.loads(await asyncio.wait_for(socket.recv(), 30))
        note(message)
        if message.get("type") == kind and (state is None or message.get("state") == state):
            return


async def converse(url, text, ping, authority):
    trust = {"ssl": ssl.create_default_context(cafile=authority)} if authority else {}
    async with websockets.connect(url, **trust) as socket:
        note({"event": "open"})
        await socket.send(json.dumps(HELLO))
        await receive_until(socket, "hello")
        await socket.send(json.dumps({"type": "listen", "state": "detect", "text": text}, ensure_ascii=False))
        await receive_until(socket, "tts", "stop")
        if ping:
            await socket.send('{"type":"ping"}')
            await receive_until(socket, "pong")
    note({"event": "closed", "code": socket.close_code})


async def main():
    url, first, second = sys.argv[1:4]
    authority = sys.argv[4] if len(sys.argv) > 4 else None
    await converse(url, first, True, authority)
    await converse(url, second, False, authority)


asyncio.run(main())
