#!/usr/bin/env python3
"""Attacks a server of its own, and prints what its connected devices and new clients notice.

    perf/attacks.py [--limits 300,1024,4096] [--attacks idle,unfinished,flood] [--server FastGate.dll] [--markdown FILE]

Builds the server and starts a fresh one for each attack and each limit of open files, and once more with a heap of 128 MB and the highest
limit. Only loopback addresses are used. Needs 7,000 file descriptors and about four minutes.

idle        as many silent sockets at the device port as the limit has descriptors, then 1,000 at the public HTTP port
unfinished  up to 1,500 devices, each with 240 KB of a message that has no end
flood       up to 1,000 devices that send pings as fast as they can and read nothing

The last two use at most 80 % of the device limit that the server reports, so that there is room for a new device. The exit status is 1 when a
server ended, was busy without a reason, failed its health check, or served no new device after an attack.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import re
import resource
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
ASSEMBLY = ROOT / "src/FastGate/bin/Release/net10.0/FastGate.dll"
HEAP = "0x8000000"
TIMEOUT = 3
PROBES = 4
BUSY = 0.5  # share of a core; a server that has nothing to do uses far less

REQUEST = ("GET /xiaozhi/v1/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nProtocol-Version: 1\r\nDevice-Id: {}\r\nClient-Id: {}\r\n\r\n")
PING = b'{"type":"ping"}'
# Frames are masked with a key of zeros, which the protocol allows: the payload stays as it is.
PING_FRAME = bytes([0x81, 0x80 | len(PING)]) + bytes(4) + PING
# Four fragments below the frame limit of 64 KiB; the last one does not end the message.
FRAGMENT = 60_000
UNFINISHED_MESSAGE = b"".join(
    bytes([0x01 if i == 0 else 0x00, 0xFE]) + FRAGMENT.to_bytes(2, "big") + bytes(4) + b" " * FRAGMENT for i in range(4))


class Device:
    """A device that waits for its answers."""

    def __init__(self, port, name):
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        try:
            self.socket.sendall(REQUEST.format(name, name).encode())
            while b"\r\n\r\n" not in self.received:
                self.receive()
            head, _, self.received = self.received.partition(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 101 "):
                raise ConnectionError(head.split(b"\r\n")[0].decode("ascii", "replace"))
        except OSError:
            self.socket.close()
            raise

    def receive(self):
        data = self.socket.recv(65_536)
        if not data:
            raise ConnectionError
        self.received += data

    def read_frame(self):
        while True:
            if len(self.received) >= 2:
                length, start = self.received[1] & 0x7F, 2
                if length == 126:
                    length, start = int.from_bytes(self.received[2:4], "big"), 4
                if len(self.received) >= start + length:
                    payload, self.received = self.received[start:start + length], self.received[start + length:]
                    return payload
            self.receive()

    def ping(self):
        """Seconds until the pong."""
        begun = time.monotonic()
        self.socket.sendall(PING_FRAME)
        while b'"pong"' not in self.read_frame():
            pass
        return time.monotonic() - begun


class Server:
    """A server process with its own working directory."""

    def __init__(self, assembly, limit, heap):
        self.assembly, self.directory = assembly, tempfile.TemporaryDirectory(prefix="fastgate-attack-")
        self.log = pathlib.Path(self.directory.name, "log")
        environment = dict(os.environ, **({"DOTNET_GCHeapHardLimit": HEAP} if heap else {}))
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                ["dotnet", assembly, *(f"--FastGate:{name}:Listen=127.0.0.1:0" for name in ("Devices", "Http", "Admin"))],
                cwd=self.directory.name, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
        self.devices, self.http, self.admin = (self.port(name) for name in ("devices: ws", "http: http", "admin: http"))

    def port(self, prefix):
        until = time.monotonic() + 30
        while time.monotonic() < until and self.alive:
            found = re.search(rf"\b{prefix}://[^\s/]+:(\d+)", self.log.read_text(errors="replace"), re.IGNORECASE)
            if found:
                return int(found[1])
            time.sleep(0.1)
        sys.exit(f"The server did not start:\n{self.log.read_text(errors='replace')}")

    @property
    def alive(self):
        return self.process.poll() is None

    def cpu(self, seconds):
        """The share of a core that the process uses."""
        before = self.cpu_seconds()
        time.sleep(seconds)
        return (self.cpu_seconds() - before) / seconds

    def cpu_seconds(self):
        fields = self.read("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0

    def peak_mb(self):
        found = re.search(r"VmHWM:\s+(\d+)", self.read("status"))
        return int(found[1]) // 1024 if found else 0

    def read(self, name):
        """A file of the process; empty when the process has ended."""
        try:
            return pathlib.Path(f"/proc/{self.process.pid}/{name}").read_text()
        except OSError:
            return ""

    def device_limit(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/api/v1/status", timeout=TIMEOUT) as reply:
            return json.load(reply)["connections"]["limit"]

    def health_check(self):
        """Seconds of the command, or None when it failed."""
        begun = time.monotonic()
        try:
            status = subprocess.run(["dotnet", self.assembly, "healthcheck"], cwd=self.directory.name, capture_output=True, timeout=30).returncode
        except subprocess.TimeoutExpired:
            return None
        return time.monotonic() - begun if status == 0 else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.directory.cleanup()


def connect(port, name=None):
    """A socket, handshaken when there is a name; None when it was refused."""
    try:
        return Device(port, name).socket if name else socket.create_connection(("127.0.0.1", port), 0.5)
    except OSError:
        return None


def attack_idle(server, limit, _, sockets):
    for port, count in ((server.devices, limit), (server.http, 1_000)):
        for _ in range(count):
            if server.alive:
                sockets.append(connect(port))


def attack_unfinished(server, _, room, sockets):
    for i in range(min(1_500, room)):
        attacker = connect(server.devices, f"unfinished-{i}")
        sockets.append(attacker)
        if attacker:
            try:
                attacker.settimeout(2)
                attacker.sendall(UNFINISHED_MESSAGE)
            except OSError:
                pass  # The server ended this connection.


def attack_flood(server, _, room, sockets):
    sockets += [connect(server.devices, f"flood-{i}") for i in range(min(1_000, room))]


def flood(sockets, stop):
    """Sends from all sockets whenever the kernel takes bytes, each from where its last send ended."""
    stream, selector = PING_FRAME * 3_000, selectors.DefaultSelector()
    offsets = {}
    for attacker in filter(None, sockets):
        attacker.setblocking(False)
        offsets[attacker.fileno()] = 0
        selector.register(attacker, selectors.EVENT_WRITE)
    while not stop.is_set() and offsets:
        for key, _ in selector.select(0.1):
            try:
                sent = key.fileobj.send(memoryview(stream)[offsets[key.fd]:])
                offsets[key.fd] = (offsets[key.fd] + sent) % len(stream)
            except BlockingIOError:
                pass
            except OSError:
                selector.unregister(key.fileobj)
                del offsets[key.fd]


ATTACKS = {"idle": attack_idle, "unfinished": attack_unfinished, "flood": attack_flood}


def measure(devices, seconds):
    """Sorted ping times, and how many devices no longer answer."""
    times, lost, until = [], 0, time.monotonic() + seconds
    while devices and time.monotonic() < until:
        for device in list(devices):
            try:
                times.append(device.ping())
            except OSError:
                devices.remove(device)
                lost += 1
        time.sleep(0.01)
    return sorted(times), lost


def new_device(server, name):
    """Seconds from connect to the first pong, or None."""
    begun = time.monotonic()
    try:
        device = Device(server.devices, name)
        device.ping()
        device.socket.close()
        return time.monotonic() - begun
    except OSError:
        return None


def run(assembly, name, limit, heap):
    with Server(assembly, limit, heap) as server:
        allowed = server.device_limit()
        devices = [Device(server.devices, f"probe-{i}") for i in range(max(1, min(PROBES, allowed - 1)))]
        measure(devices, 1)
        before, _ = measure(devices, 2)
        room = max(0, (allowed - len(devices)) * 8 // 10)
        sockets, stop, flooder = [], multiprocessing.Event(), None
        ATTACKS[name](server, limit, room, sockets)
        held = server.cpu(2)
        if name == "flood":
            flooder = multiprocessing.Process(target=flood, args=(sockets, stop))
            flooder.start()
            time.sleep(0.5)
        during, lost = measure(devices, 4)
        health = server.health_check()
        newly = new_device(server, "new-during")
        stop.set()
        if flooder:
            flooder.join()
        for one in [*filter(None, sockets), *(device.socket for device in devices)]:
            one.close()
        time.sleep(2)
        after = server.cpu(1)
        late = recovered(server)
        busy = max(held, after)
        return server.alive and busy < BUSY and health is not None and late is not None and not lost, [
            name, f"{limit:,}{', heap 128 MB' if heap else ''}", allowed, sum(1 for one in sockets if one), "yes" if server.alive else "NO", f"{busy:.2f}",
            times(before), times(during), lost, seconds(health), seconds(newly), seconds(late), server.peak_mb()]


def recovered(server):
    """The descriptors of the attack are closed soon, not at once."""
    for i in range(20):
        late = new_device(server, f"new-after-{i}")
        if late is not None or not server.alive:
            return late
        time.sleep(0.5)
    return None


def times(sample):
    return f"{sample[len(sample) // 2] * 1e3:.1f} / {sample[len(sample) * 99 // 100] * 1e3:.1f}" if sample else "-"


def seconds(value):
    return "no" if value is None else f"{value:.3f}"


HEAD = ["attack", "open files", "device limit", "attackers", "alive", "cores when quiet", "ping p50 / p99 before, ms", "during, ms", "devices lost",
        "healthcheck, s", "new device during, s", "new device after, s", "peak MB"]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--limits", default="300,1024,4096")
    arguments.add_argument("--attacks", default=",".join(ATTACKS))
    arguments.add_argument("--server", help="use this build instead of building")
    arguments.add_argument("--no-heap", action="store_true", help="leave out the runs with a small heap")
    arguments.add_argument("--markdown", help="write the table to this file too")
    options = arguments.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # The server ends with the script.
    resource.setrlimit(resource.RLIMIT_NOFILE, resource.getrlimit(resource.RLIMIT_NOFILE)[1:] * 2)
    if not options.server:
        subprocess.run(["dotnet", "build", "-c", "Release", "-v", "q", "--nologo", ROOT / "src/FastGate"], check=True)
    limits = [int(limit) for limit in options.limits.split(",")]
    cases = [(limit, False) for limit in limits] + ([] if options.no_heap else [(max(limits), True)])
    lines, failed = [], False

    def add(cells):
        lines.append(f"| {' | '.join(map(str, cells))} |")
        print(lines[-1], flush=True)

    add(HEAD)
    add(["---"] * len(HEAD))
    for name in options.attacks.split(","):
        for limit, heap in cases:
            good, cells = run(str(pathlib.Path(options.server or ASSEMBLY).resolve()), name, limit, heap)
            failed |= not good
            add(cells)
    if options.markdown:
        pathlib.Path(options.markdown).write_text("\n".join(lines) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
