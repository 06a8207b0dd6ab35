#!/usr/bin/python3
"""A drain of a whole server by the API, the command line and the dashboard: when the devices are closed, and with what.

    perf/drain.py [--devices 15000] [--rate 1000] [--by api,command,browser] [--server FastGate.dll] [--markdown FILE]

For each way the script starts a server, connects the devices, starts the drain with close status 1012 and reads every close frame. Meanwhile a new device
is refused. The way "browser" presses the buttons of the dashboard in a headless Chromium and needs python3-websockets. Only loopback addresses are used.
Needs 16,000 file descriptors and about a minute for each way. Build the server first.
"""

import argparse
import asyncio
import json
import os
import pathlib
import re
import resource
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
ASSEMBLY = ROOT / "src/FastGate/bin/Release/net10.0/FastGate.dll"
HELLO = b'{"type":"hello","version":1,"transport":"websocket"}'
CONNECT_IN_ONE_GO = 200  # below the listener's backlog


class Server:
    def __init__(self, assembly, devices, options=()):
        self.directory = tempfile.TemporaryDirectory(prefix="fastgate-drain-")
        assembly = os.path.abspath(assembly)
        self.program = ["dotnet", assembly] if assembly.endswith(".dll") else [assembly]
        log = pathlib.Path(self.directory.name, "log")
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [*self.program, *(f"--FastGate:{name}:Listen=127.0.0.1:0" for name in ("Devices", "Http", "Admin")),
                 f"--FastGate:Devices:MaxConnections={devices + 100}", *(f"--{option}" for option in options)],
                cwd=self.directory.name, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while (found := re.search(r"admin: http://[^\s/]+:(\d+)", log.read_text(errors="replace"))) is None:
            if time.monotonic() > until or self.process.poll() is not None:
                sys.exit(f"The server did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.1)
        self.admin = int(found[1])
        self.devices = int(re.search(r"devices: ws://[^\s/]+:(\d+)", log.read_text(errors="replace"))[1])

    def request(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.admin}/api/v1/{path}", data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.directory.cleanup()


def upgrade(number):
    return (f"GET /xiaozhi/v1/ HTTP/1.1\r\nHost: gateway\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nDevice-Id: 02:00:00:{number >> 16:02x}:"
            f"{number >> 8 & 255:02x}:{number & 255:02x}\r\nClient-Id: drain\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n").encode()


def read_until(device, end):
    received = b""
    while end not in received:
        part = device.recv(4096)
        if not part:
            sys.exit(f"A device was refused: {received!r}")
        received += part


def connect(server, count):
    """Devices that have said hello and have read the answer."""
    devices = []
    while len(devices) < count:
        batch = [socket.create_connection(("127.0.0.1", server.devices)) for _ in range(min(CONNECT_IN_ONE_GO, count - len(devices)))]
        for number, device in enumerate(batch, len(devices)):
            device.sendall(upgrade(number))
        for device in batch:
            read_until(device, b"\r\n\r\n")
            device.sendall(bytes([0x81, 0x80 | len(HELLO), 0, 0, 0, 0]) + HELLO)
        for device in batch:
            read_until(device, b"}")
            device.setblocking(False)
        devices += batch
    return devices


def start_by_command(server, rate):
    subprocess.run([*server.program, "drain", "start", "--rate", str(rate), "--reconnect", "--yes"], cwd=server.directory.name, check=True, stdout=subprocess.DEVNULL)


async def press(page, rate):
    """The form of the page "Drain and bans", and its confirmation."""
    import websockets

    async with websockets.connect(page, max_size=None) as tools:
        async def wait(condition):
            until = time.monotonic() + 60
            while time.monotonic() < until:
                await tools.send(json.dumps({"id": 1, "method": "Runtime.evaluate", "params": {"expression": condition, "userGesture": True}}))
                while "id" not in (answer := json.loads(await tools.recv())):
                    pass
                if answer["result"]["result"].get("value") is True:
                    return
                await asyncio.sleep(0.1)
            sys.exit(f"The page does not get to {condition}")

        await wait("document.querySelector('[data-act=drain]') !== null")
        await wait(f"document.querySelector('[name=rate]').value = '{rate}', document.querySelector('[name=close]').value = '1012', true")
        await wait("document.querySelector('[data-act=drain]').click(), true")
        await wait("document.querySelector('dialog [data-go]') !== null")
        await wait("document.querySelector('dialog [data-go]').click(), true")
        await wait("document.querySelector('dialog') === null")


def start_by_browser(server, rate):
    profile = tempfile.mkdtemp(prefix="fastgate-drain-chromium-")
    browser = subprocess.Popen(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         f"--user-data-dir={profile}", "--remote-debugging-port=0", f"http://127.0.0.1:{server.admin}/#/fleet"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        announced = pathlib.Path(profile, "DevToolsActivePort")
        until = time.monotonic() + 60
        while not announced.exists() or "\n" not in announced.read_text():
            if time.monotonic() > until:
                sys.exit("chromium did not start")
            time.sleep(0.1)
        port = announced.read_text().split()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as reply:
            page = next(target for target in json.load(reply) if target["type"] == "page")
        asyncio.run(press(page["webSocketDebuggerUrl"], rate))
    finally:
        browser.terminate()
        browser.wait(60)
        shutil.rmtree(profile, ignore_errors=True)


WAYS = {
    "api": lambda server, rate: server.request("POST", "drain", {"filter": {}, "rate": rate, "close": 1012}),
    "command": start_by_command,
    "browser": start_by_browser,
}


def measure(way, arguments):
    server = Server(arguments.server, arguments.devices)
    try:
        devices = connect(server, arguments.devices)
        events = selectors.DefaultSelector()
        for device in devices:
            events.register(device, selectors.EVENT_READ)
        cpu = server.cpu()
        # Another process starts the drain, so that every close is timed when it comes.
        starter = os.fork()
        if starter == 0:
            try:
                WAYS[way](server, arguments.rate)
                os._exit(0)
            finally:
                # Nothing of the parent may be cleaned up here.
                os._exit(1)
        statuses, times, refused = {}, [], None
        until = time.monotonic() + 120 + arguments.devices / arguments.rate * 2
        while len(times) < len(devices) and time.monotonic() < until:
            for key, _ in events.select(1):
                received = key.fileobj.recv(4096)
                status = int.from_bytes(received[-2:], "big") if received[:1] == b"\x88" and len(received) >= 4 else 0
                statuses[status] = statuses.get(status, 0) + 1
                times.append(time.monotonic())
                events.unregister(key.fileobj)
                key.fileobj.close()
            if refused is None and len(times) > len(devices) // 2:
                with socket.create_connection(("127.0.0.1", server.devices)) as late:
                    late.sendall(upgrade(0xFFFFFF))
                    refused = late.recv(4096).split(b"\r\n")[0].decode()
        if os.waitstatus_to_exitcode(os.waitpid(starter, 0)[1]) != 0:
            sys.exit(f"The drain was not started by {way}")
        cpu = server.cpu() - cpu
        while (report := server.request("GET", "drain"))["state"] == "draining" and time.monotonic() < until:
            time.sleep(0.1)
        seconds = times[-1] - times[0]
        counts = [sum(1 for moment in times if times[0] + second <= moment < times[0] + second + 1) for second in range(int(seconds))]
        return [way, len(devices), f"{statuses}", f"{seconds:.2f}", f"{statistics.median(counts):.0f} ({min(counts)}-{max(counts)})", refused,
                f"{report['state']}, closed {report['closed']}, refused {report['refused']}, remaining {report['remaining']}", f"{cpu:.2f}"]
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=15_000)
    parser.add_argument("--rate", type=int, default=1_000)
    parser.add_argument("--by", default=",".join(WAYS))
    parser.add_argument("--server", default=str(ASSEMBLY))
    parser.add_argument("--markdown", type=pathlib.Path)
    arguments = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, arguments.devices + 1_000), hard))
    rows = [measure(way, arguments) for way in arguments.by.split(",")]
    lines = ["| by | devices | closed with | seconds from the first to the last | closed in one second: median (range) | a new device meanwhile | report | server CPU, s |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |", *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)]
    print("\n".join(lines))
    if arguments.markdown:
        arguments.markdown.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
