"""The simulated devices of perf/cluster.py: one thread, one epoll. They ping, talk, come back by themselves, and count what they were sent."""

import base64
import errno
import heapq
import itertools
import json
import os
import random
import selectors
import socket
import time

HELLO = b'{"type":"hello","version":1,"transport":"websocket"}'
PING = b'{"type":"ping"}'
CONNECTS_AT_ONCE = 500  # below the backlog of a listener


class Connection:
    """One socket of a device; it is lost when the fleet no longer has it."""

    __slots__ = ("device", "socket", "buffer", "step", "asked", "turn", "said", "opened")

    def __init__(self, device, connected):
        self.device, self.socket, self.buffer, self.step = device, connected, b"", "connecting"
        self.asked = self.turn = self.said = self.opened = None


class Device:
    """It holds one connection, or two while a newer one replaces the older."""

    __slots__ = ("id", "number", "talks", "connections", "turns", "back", "asked_back")

    def __init__(self, number, talks):
        self.id = f"02:00:00:{number >> 16:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"
        self.number, self.talks, self.connections, self.turns, self.back, self.asked_back = number, talks, [], 0, None, None


class Fleet:
    def __init__(self, ports, count, talkers, ping_every, turn_every, reconnect, silence):
        self.ports, self.ping_every, self.turn_every, self.reconnect, self.silence = ports, ping_every, turn_every, reconnect, silence
        self.devices = [Device(number, number % max(1, count // talkers) == 0 and talkers > 0) for number in range(count)]
        self.events, self.due, self.order = selectors.DefaultSelector(), [], itertools.count()
        self.connecting, self.wanted, self.ready, self.random = 0, [], set(), random.Random(1)
        self.pings, self.closed, self.late, self.refused = [], [], [], 0
        self.turns, self.begun, self.cut, self.numbers = {}, 0, [], {}

    def at(self, moment, act, *arguments):
        heapq.heappush(self.due, (moment, next(self.order), act, arguments))

    def start(self, rate):
        now = time.monotonic()
        for device in self.devices:
            self.at(now + device.number / rate, self.connect, device)

    def run(self, seconds, until=None):
        """Drives the devices for so long, or until the condition holds; whether it does."""
        end, asked = time.monotonic() + seconds, 0
        while (now := time.monotonic()) < end:
            if until is not None and now - asked > 0.1:
                asked = now
                if until():
                    return True
            while self.due and self.due[0][0] <= now:
                _, _, act, arguments = heapq.heappop(self.due)
                act(*arguments)
            wait = min(end, self.due[0][0] if self.due else end, now + 0.1) - time.monotonic()
            for key, _ in self.events.select(max(0, wait)):
                self.ready_for(key.data)
        return until is not None and until()

    def connect(self, device):
        if self.connecting >= CONNECTS_AT_ONCE:
            self.at(time.monotonic() + 0.05, self.connect, device)
            return
        connected = socket.socket()
        connected.setblocking(False)
        # Several source addresses, so that ports of ended connections are not missed.
        connected.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
        connected.bind((f"127.0.1.{1 + device.number % 8}", 0))
        connection = Connection(device, connected)
        device.asked_back = time.monotonic()
        self.connecting += 1
        error = connected.connect_ex(("127.0.0.1", self.ports[device.number % len(self.ports)]))
        if error not in (0, errno.EINPROGRESS):
            self.lose(connection, None)
            return
        self.events.register(connected, selectors.EVENT_WRITE, connection)

    def ready_for(self, connection):
        try:
            if connection.step == "connecting":
                self.events.modify(connection.socket, selectors.EVENT_READ, connection)
                connection.step = "upgrading"
                key = base64.b64encode(os.urandom(16)).decode()
                connection.socket.sendall(
                    f"GET /xiaozhi/v1/ HTTP/1.1\r\nHost: gateway\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nDevice-Id: {connection.device.id}\r\n"
                    f"Client-Id: cluster\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
                return
            received = connection.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self.lose(connection, None)
            return
        connection.buffer += received
        if connection.step == "upgrading":
            head, ended, rest = connection.buffer.partition(b"\r\n\r\n")
            if not ended:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.lose(connection, None)
                return
            connection.buffer, connection.step = rest, "greeting"
            self.send(connection, HELLO)
        self.read(connection)

    def read(self, connection):
        buffer, at = connection.buffer, 0
        while len(buffer) - at >= 2:
            size, start = buffer[at + 1], at + 2
            if size == 126:
                if len(buffer) - at < 4:
                    break
                size, start = int.from_bytes(buffer[at + 2:at + 4], "big"), at + 4
            if len(buffer) < start + size:
                break
            kind, body, at = buffer[at] & 15, buffer[start:start + size], start + size
            if kind == 8:
                connection.buffer = buffer[at:]
                self.lose(connection, int.from_bytes(body[:2], "big"))
                return
            if kind == 1:
                self.message(connection, body)
        connection.buffer = buffer[at:]

    def message(self, connection, body):
        device, now = connection.device, time.monotonic()
        if b'"type":"pong"' in body:
            if connection.asked is not None:
                self.pings.append((now, (now - connection.asked) * 1000))
                connection.asked = None
        elif b'"type":"hello"' in body and connection.step == "greeting":
            connection.step, connection.opened = "open", now
            self.connecting -= 1
            device.connections.append(connection)
            device.back = now
            self.ready.add(device.number)
            self.at(now + self.random.uniform(0, self.ping_every), self.ping, connection)
            if device.talks:
                self.at(now + self.random.uniform(0, self.turn_every), self.talk, connection)
        elif b'"type":"tts"' in body:
            if b'"state":"stop"' in body and connection.turn is not None:
                self.turns[connection.turn] = now
                connection.turn = None
        elif b'"number":' in body:
            number = json.loads(body)["number"]
            self.numbers[number] = self.numbers.get(number, 0) + 1

    def ping(self, connection):
        if connection.step != "open":
            return
        now = time.monotonic()
        if connection.asked is not None:
            # The gateway owes this one an answer: a device would give up.
            self.late.append((now, connection.device.id))
        connection.asked = now
        self.send(connection, PING)
        self.at(now + self.ping_every, self.ping, connection)

    def talk(self, connection):
        # A device that has a newer connection uses that one.
        if connection.step != "open" or connection is not connection.device.connections[-1]:
            return
        now, device = time.monotonic(), connection.device
        if connection.turn is None:
            device.turns += 1
            self.begun += 1
            connection.turn, connection.said = f"turn {device.number} {device.turns}", now
            self.send(connection, json.dumps({"type": "listen", "state": "detect", "text": connection.turn}).encode())
        elif now - connection.said > self.silence:
            self.late.append((now, connection.turn))
            connection.said = now
        self.at(now + self.turn_every, self.talk, connection)

    def send(self, connection, body):
        try:
            connection.socket.sendall(bytes([0x81, 0x80 | len(body), 0, 0, 0, 0]) + body)
        except OSError:
            self.lose(connection, None)

    def lose(self, connection, status):
        """A connection has ended. A device without another one comes back after a time of its own."""
        if connection.step == "lost":
            return
        device, now, was = connection.device, time.monotonic(), connection.step
        connection.step = "lost"
        if was != "connecting" or connection.socket.fileno() in self.events.get_map():
            self.events.unregister(connection.socket)
        connection.socket.close()
        if was == "open":
            device.connections.remove(connection)
            self.closed.append((now, device, status, bool(device.connections)))
            if connection.turn is not None:
                self.cut.append((now, connection.turn))
        else:
            self.connecting -= 1
            self.refused += 1
        if not device.connections:
            self.ready.discard(device.number)
            self.at(now + self.random.uniform(0.1, 1) * self.reconnect, self.connect, device)
