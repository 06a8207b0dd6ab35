#!/usr/bin/python3
"""Sends messages to an echo server through permessage-deflate, with every combination of its parameters, and compares what comes back."""

import asyncio
import json
import random
import sys
import zlib

import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

SIZES = (16, 64, 256, 1024, 4096, 16384, 65536, 131072)
SMALL = 5


def messages(seed):
    source = random.Random(seed)
    # The large ones with each ninth combination.
    for size in SIZES if seed % 9 == 1 else SIZES[:SMALL]:
        text = ""
        while len(text) < size:
            text += json.dumps({"n": source.randrange(1 << 30), "text": "今天的天气 %d" % source.randrange(100)}, ensure_ascii=False)
        yield text[:size]
        yield bytes(source.randrange(256) for _ in range(min(size, 4096))) * (size // min(size, 4096))


def check_window(payload, bits):
    """zlib keeps only what the window holds between two calls, and gets little room at each."""
    inflate = zlib.decompressobj(-bits)
    data = payload + b"\x00\x00\xff\xff"
    while data:
        inflate.decompress(data, 64)
        data = inflate.unconsumed_tail


async def converse(url, server_takeover, client_takeover, server_bits, client_bits, number):
    factory = ClientPerMessageDeflateFactory(
        server_no_context_takeover=not server_takeover,
        client_no_context_takeover=not client_takeover,
        server_max_window_bits=server_bits,
        client_max_window_bits=client_bits,
    )
    async with websockets.connect("%s?device-id=py-%d" % (url, number), compression=None, extensions=[factory], max_size=None) as socket:
        (extension,) = socket.extensions
        decode = extension.decode
        compressed = 0

        def checked(frame, *, max_size=None):
            nonlocal compressed
            if frame.rsv1:
                compressed += 1
                check_window(frame.data, server_bits or 15)
            return decode(frame, max_size=max_size)

        extension.decode = checked
        for message in messages(number):
            if number % 2:
                await socket.send(message)
            else:
                # Fragments of 1,000 characters or bytes.
                await socket.send([message[at:at + 1000] for at in range(0, len(message), 1000)])
            assert await asyncio.wait_for(socket.recv(), 60) == message, "%d: the echo of %d differs" % (number, len(message))
        assert compressed >= SMALL - 2, compressed
    assert socket.close_code == 1000, socket.close_code


async def main():
    number = 0
    for server_bits in (None, *range(8, 16)):
        # zlib cannot compress with a window of 2^8.
        for client_bits in (None, True, *range(9, 16)):
            number += 1
            await converse(sys.argv[1], number % 3 != 0, number % 5 != 0, server_bits, client_bits, number)
    print("ok %d" % number)


asyncio.run(main())
