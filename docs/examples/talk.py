"""Connects to FastGate as a device does, says one sentence and prints every message. Needs only Python 3.7 or later.

usage: python3 talk.py [SENTENCE] [ADDRESS]    for example: python3 talk.py "Hello" ws://127.0.0.1:8000/xiaozhi/v1/
"""
import base64
import json
import os
import socket
import struct
import sys
from urllib.parse import urlsplit

sentence = sys.argv[1] if len(sys.argv) > 1 else "Hello, what can you do?"
address = urlsplit(sys.argv[2] if len(sys.argv) > 2 else "ws://127.0.0.1:8000/xiaozhi/v1/")
sys.stdout.reconfigure(encoding="utf-8")
connection = socket.create_connection((address.hostname, address.port or 80), timeout=60)
received = connection.makefile("rb")


def upgrade():
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall((
        f"GET {address.path or '/'} HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nDevice-Id: my-laptop\r\nClient-Id: my-laptop\r\n\r\n").encode())
    status = received.readline().decode().strip()
    while received.readline().strip():
        pass
    if " 101 " not in status:
        sys.exit(f"The server refused the connection: {status}")


def send(message):
    """One text frame; a client masks what it sends."""
    print("device:", json.dumps(message, ensure_ascii=False))
    payload = json.dumps(message, ensure_ascii=False).encode()
    mask = os.urandom(4)
    length = bytes([0x80 | len(payload)]) if len(payload) < 126 else struct.pack("!BH", 0xFE, len(payload))
    connection.sendall(b"\x81" + length + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)))


def receive():
    """The next JSON message; other frames are skipped."""
    while True:
        opcode, length = received.read(2)
        if length == 126:
            length, = struct.unpack("!H", received.read(2))
        elif length == 127:
            length, = struct.unpack("!Q", received.read(8))
        payload = received.read(length)
        if opcode & 15 == 8:
            sys.exit("The server closed the connection.")
        if opcode & 15 == 1:
            print("server:", payload.decode())
            return json.loads(payload)


upgrade()
send({"type": "hello", "version": 1, "transport": "websocket"})
receive()
send({"type": "listen", "state": "detect", "text": sentence})
while True:
    message = receive()
    if message.get("type") == "tts" and message.get("state") == "stop":
        break
