#!/usr/bin/env python3
"""What permessage-deflate costs and saves: processor time of the server and bytes for each message, with the extension and without it.

    perf/deflate.py [--server FastGate.dll] [--seconds 2] [--rounds 5] [--markdown FILE]

Starts one server that sends each message back. Four devices send text messages one behind the other, in three ways that alternate: without the extension; with
it, sent plain, so that the server only compresses; and with it, sent compressed, so that it also decompresses. zlib compresses at its default level here. The
server has the first processor and the devices the second one. Build the server first. Needs two processors and two minutes.
"""

import argparse
import itertools
import json
import os
import pathlib
import random
import signal
import socket
import statistics
import sys
import time
import zlib

from drain import ASSEMBLY, Server, upgrade

DEVICES = 4
BATCH = 32  # messages of a device before it waits for their answers
WAYS = ("off", "sent plain", "sent compressed")
WORDS = ("volume", "light", "weather", "the music", "明天的天气", "客厅的灯", "is turned", "on", "off", "set to", "degrees", "please")


def sentence(draw):
    return " ".join(draw.choices(WORDS, k=12))


def messages(name):
    """Different messages of one kind."""
    draw = random.Random(1)
    for _ in range(BATCH):
        if name == "ping, 21 bytes":
            yield b'{"type":"ping","n":%d}' % draw.randrange(10)
        elif name == "JSON, 1 KiB":
            text = json.dumps([{"id": draw.randrange(100_000), "name": "self.light.set", "text": sentence(draw)} for _ in range(20)], ensure_ascii=False)
            yield text.encode()[:1024].decode(errors="ignore").encode()
        else:
            yield ". ".join(sentence(draw) for _ in range(400)).encode()[:16_384].decode(errors="ignore").encode()


KINDS = ("ping, 21 bytes", "JSON, 1 KiB", "text, 16 KiB")


def frame(payload, compressed):
    """Masked with a key of zeros, which the protocol allows: the payload stays as it is."""
    if compressed:
        deflate = zlib.compressobj(wbits=-15)
        payload = (deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
    length = bytes([0x80 | len(payload)]) if len(payload) < 126 else bytes([0xFE]) + len(payload).to_bytes(2, "big")
    return bytes([0xC1 if compressed else 0x81]) + length + bytes(4) + payload


class Device:
    def __init__(self, port, number, way, kind):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        offer = b"" if way == "off" else b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
        self.socket.sendall(upgrade(number).replace(b"Client-Id", offer + b"Client-Id"))
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.receive(1)
        if (b"permessage-deflate" in head) != (way != "off"):
            sys.exit(f"not the extension that was asked for: {head}")
        self.batch = b"".join(frame(message, way == "sent compressed") for message in messages(kind))
        self.socket.sendall(self.batch)
        self.answers = sum(self.skip_frame() for _ in range(BATCH))

    def receive(self, count):
        received = b""
        while len(received) < count:
            received += self.socket.recv(count - len(received)) or sys.exit("The server has closed a device.")
        return received

    def skip_frame(self):
        length, size = self.receive(2)[1], 2
        if length == 126:
            length, size = int.from_bytes(self.receive(2), "big"), 4
        self.receive(length)
        return size + length

    def read_answers(self):
        left = self.answers
        while left > 0:
            left -= len(self.socket.recv(min(left, 1 << 20))) or sys.exit("The server has closed a device.")


def measure(server, devices, seconds):
    """Microseconds of the server's processor for each message."""
    batches, before, until = 0, server.cpu(), time.monotonic() + seconds
    while time.monotonic() < until:
        for device in devices:
            device.socket.sendall(device.batch)
        for device in devices:
            device.read_answers()
        batches += len(devices)
    return (server.cpu() - before) / (batches * BATCH) * 1e6


def compare(server, kind, seconds, rounds, numbers):
    devices = {way: [Device(server.devices, next(numbers), way, kind) for _ in range(DEVICES)] for way in WAYS}
    used = {way: [] for way in WAYS}
    for way in WAYS:
        measure(server, devices[way], seconds)  # The server compiles its code.
    for turn in range(rounds):
        for way in WAYS if turn % 2 == 0 else reversed(WAYS):
            used[way].append(measure(server, devices[way], seconds))
    plain = devices["off"][0]
    for way in WAYS:
        one, times = devices[way][0], used[way]
        yield [kind, way, f"{len(one.batch) / BATCH:.0f}", f"{one.answers / BATCH:.0f}", f"{100 - 100 * one.answers / plain.answers:.0f} %",
               f"{statistics.median(times):.2f}", f"{min(times):.2f} to {max(times):.2f}",
               f"{statistics.median(time - off for time, off in zip(times, used['off'])):+.2f}"]
        for device in devices[way]:
            device.socket.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", type=pathlib.Path, default=ASSEMBLY)
    parser.add_argument("--seconds", type=float, default=2, help="length of one measurement")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--markdown", type=pathlib.Path)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # The server ends with the script.
    os.sched_setaffinity(0, {0})
    server = Server(options.server, 100, ["FastGate:Devices:Echo=true", "FastGate:Devices:Deflate:Enabled=true", "FastGate:Memory:Provider=None"])
    os.sched_setaffinity(0, {1})
    lines, numbers = [], itertools.count(1)

    def add(*cells):
        lines.append(f"| {' | '.join(map(str, cells))} |")
        print(lines[-1], flush=True)

    try:
        head = ["message", "extension", "bytes sent", "bytes answered", "fewer", "server, µs a message", "of the rounds", "above off, µs"]
        add(*head)
        add(*["---"] * len(head))
        for kind in KINDS:
            for row in compare(server, kind, options.seconds, options.rounds, numbers):
                add(*row)
    finally:
        server.stop()
    if options.markdown:
        options.markdown.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
