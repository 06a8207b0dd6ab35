#!/usr/bin/python3
"""Starts the server with `&` in an interactive shell on a pseudo-terminal, restarts it by message, and prints the result.

    pty_restart.py <directory> <device port> <http port> <admin port> <secret> <command> [argument ...]

Prints one line of JSON. Ends the server before it exits.
"""

import asyncio
import json
import os
import pty
import shlex
import signal
import sys
import threading
import time
import urllib.parse
import urllib.request

import websockets

DEADLINE = 60
SAID = "重启之前说的话"
HELLO = '{"type":"hello","version":1,"transport":"websocket"}'


class Shell:
    """bash with job control on its own terminal. A thread reads its output."""

    def __init__(self, directory):
        self.output = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(directory)
            os.execvp("bash", ["bash", "--noprofile", "--norc", "-i"])
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            try:
                data = os.read(self.terminal, 65536)
            except OSError:
                return
            if not data:
                return
            self.output += data

    def type(self, line):
        os.write(self.terminal, line.encode() + b"\n")


class StateWatch(threading.Thread):
    """Polls the state of a process and records whether it was stopped (T)."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.stopped = False

    def run(self):
        while True:
            state = process_state(self.pid)
            if state is None:
                return
            if state in "Tt":
                self.stopped = True
            time.sleep(0.005)


def process_state(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            state = stat.read().rsplit(")", 1)[1].split()[0]
    except OSError:
        return None
    return None if state in "ZX" else state


def eventually(condition, what):
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("timeout while waiting for " + what)
        time.sleep(0.02)


def servers(marker):
    """Returns the processes with the marker on their command line, without shells and this script."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            with open(f"/proc/{name}/cmdline", "rb") as line:
                arguments = line.read().split(b"\0")
        except OSError:
            continue
        if marker.encode() in arguments and b"bash" not in arguments[0] and process_state(int(name)):
            found.append(int(name))
    return found


def ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as reply:
            return reply.status == 200
    except OSError:
        return False


def remembered(port, device):
    path = urllib.parse.quote(device, safe="")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/devices/{path}/memory", timeout=5) as reply:
            return SAID in json.dumps(json.load(reply), ensure_ascii=False)
    except OSError:
        return False


async def receive_until(socket, kind, state=None):
    while True:
        message = json.loads(await asyncio.wait_for(socket.recv(), DEADLINE))
        if message.get("type") == kind and (state is None or message.get("state") == state):
            return message


async def talk(url):
    async with websockets.connect(url) as socket:
        await socket.send(HELLO)
        await receive_until(socket, "hello")
        await socket.send(json.dumps({"type": "listen", "state": "detect", "text": SAID}))
        await receive_until(socket, "tts", "stop")


async def restart(url, secret, http_port, admin_port):
    """A device stays connected while the console asks for the restart; returns the reply, and what the device saw."""
    async with websockets.connect(url + "kept", ping_interval=None) as device, websockets.connect(url + "console", ping_interval=None) as console:
        # A device that has said nothing is closed after 10 s, and on a busy machine a restart may take that long.
        await device.send(HELLO)
        await receive_until(device, "hello")
        await console.send(json.dumps({"type": "server", "action": "restart", "content": {"secret": secret}}))
        reply = await receive_until(console, "server")
        await asyncio.to_thread(eventually, lambda: restarts(admin_port) == 1, "the restart")
        await device.send('{"type":"ping"}')
        await receive_until(device, "pong")
        return reply, "done"


def restarts(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/restart", timeout=5) as reply:
            return json.load(reply)["restarts"]
    except OSError:
        return None


async def ping(url):
    async with websockets.connect(url) as socket:
        await socket.send('{"type":"ping"}')
        return (await receive_until(socket, "pong"))["type"] == "pong"


def main():
    directory, device_port, http_port, admin_port, secret = sys.argv[1:6]
    command = sys.argv[6:]
    marker = f"--FastGate:Devices:Listen=127.0.0.1:{device_port}"
    base = f"ws://127.0.0.1:{device_port}/xiaozhi/v1/?device-id="
    seen = {}

    shell = Shell(directory)
    shell.type("set -m")
    shell.type(shlex.join(command) + " &")
    eventually(lambda: ready(http_port), "the server to be ready")
    old = servers(marker)[0]
    watch = StateWatch(old)
    watch.start()
    seen["old_pid"] = old

    asyncio.run(talk(base + "before"))
    try:
        seen["reply"], seen["kept"] = asyncio.run(restart(base, secret, http_port, admin_port))
        seen["new_pid"] = servers(marker)[0]
        seen["served_again"] = asyncio.run(ping(base + "after"))
        seen["remembered"] = remembered(admin_port, "before")
        seen["stopped"] = watch.stopped
        shell.type("kill %1; wait %1; echo exit-of-server=$?")
        eventually(lambda: exit_of_server(shell) is not None, "the server's exit code")
        seen["exit"] = exit_of_server(shell)
    finally:
        for pid in servers(marker):
            os.kill(pid, signal.SIGTERM)
        eventually(lambda: not servers(marker), "the server to end")
        os.kill(shell.pid, signal.SIGKILL)
        if len(seen) < 8:
            sys.stderr.write(shell.output.decode(errors="replace"))
    print(json.dumps(seen, ensure_ascii=False))


def exit_of_server(shell):
    """Returns the exit code that the shell printed, not the typed command."""
    for line in shell.output.decode(errors="replace").replace("\r", "").split("\n"):
        if line.startswith("exit-of-server=") and line[len("exit-of-server="):].isdigit():
            return line[len("exit-of-server="):]
    return None


main()
