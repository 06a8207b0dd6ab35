#!/usr/bin/env python3
"""Puts the device door beside a floor: a bare epoll loop that frames and echoes and does nothing else.

    WSLOAD=/path/to/wsload perf/device_door.py [--rounds 5] [--seconds 5] [--markdown FILE]

The load generator is any program with wsload's command line and JSON; it also is the floor (`wsload serve`). The server and the floor
take turns on core 0, the generator has core 1. Each figure is the median of the rounds, and the ratio the median of the ratios taken
pair by pair, so that a machine whose speed drifts does not decide. Run it on a quiet machine, after `dotnet build -c Release`.
"""

import argparse
import json
import os
import pathlib
import platform
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
SERVER = ROOT / "src/FastGate/bin/Release/net10.0/FastGate"
PING = '{"type":"ping"}'
HELLO = '{"type":"hello","version":1,"transport":"websocket"}'
ID = ["-H", "Device-Id: {mac}"]
DEVICES = 15_000

MESSAGES = [  # name, must, aim, gate door, arguments for the gate, arguments for the floor
    ("ping answered, 1,000 devices, depth 1", 1.15, 1.0, "talk", ["-c", "1000", "--payload", PING, "--expect-any"]),
    ("ping answered, 100 devices, depth 16", 2.0, 1.2, "talk", ["-c", "100", "-P", "16", "--payload", PING, "--expect-any"]),
    ("ping at a fixed 8,000 a second, 1,000 devices", 1.2, 1.0, "talk", ["-c", "1000", "--rate", "8000", "--payload", PING, "--expect-any"]),
    ("echo of 1 KiB binary, 1,000 devices", 1.15, 1.0, "echo", ["-c", "1000", "-s", "1024", "-b"]),
    ("echo of 16 KiB binary, 100 devices", 1.4, 1.1, "echo", ["-c", "100", "-s", "16384", "-b"]),
]


class Servers:
    """One gateway that talks, one that echoes, one floor; all on core 0, so that only the one being asked runs there."""

    def __init__(self, wsload):
        self.wsload = wsload
        self.folder = tempfile.TemporaryDirectory()
        self.started = []
        self.talk, self.echo, self.floor = 28100, 28200, 28300
        self.pids = {
            self.talk: self.gateway(self.talk),
            self.echo: self.gateway(self.echo, "--FastGate:Devices:Echo=true"),
            self.floor: self.start([wsload, "serve", "-p", str(self.floor)]),
        }
        for port in (self.talk, self.echo):
            wait_for(lambda: fetch(port + 1, "/health/ready"))

    def gateway(self, port, *options):
        return self.start([
            str(SERVER), "--FastGate:Devices:EventLoops=1",
            f"--FastGate:Devices:Listen=127.0.0.1:{port}", f"--FastGate:Http:Listen=127.0.0.1:{port + 1}",
            f"--FastGate:Admin:Listen=127.0.0.1:{port + 2}", f"--FastGate:Memory:Path={port}.db", *options])

    def start(self, command):
        process = subprocess.Popen(["taskset", "-c", "0", *command], cwd=self.folder.name,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.started.append(process)
        return process.pid

    def load(self, mode, port, *arguments):
        command = ["taskset", "-c", "1", self.wsload, mode, f"ws://127.0.0.1:{port}/", "--json",
                   "--server-pid", str(self.pids[port]), *arguments]
        if port != self.floor:
            command += ID
        return json.loads(subprocess.run(command, capture_output=True, check=True, text=True, timeout=600).stdout)

    def close(self):
        for process in self.started:
            process.send_signal(signal.SIGTERM)
        for process in self.started:
            process.wait(20)
        self.folder.cleanup()


def fetch(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as reply:
        return reply.read().decode()


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while True:
        try:
            return condition()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def resident(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise OSError("no VmRSS")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spread(values, digits=2):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def compare(servers, rounds, seconds):
    rows = []
    plans = [(name, must, aim, getattr(servers, door), "echo", ["-d", str(seconds), "-w", "2", *arguments], "server_cpu_us_per_message")
             for name, must, aim, door, arguments in MESSAGES]
    plans.append(("handshake with identity and registration", 1.8, 1.2, servers.talk, "idle", ["-c", str(DEVICES), "-d", "1"],
                  "server_cpu_us_per_handshake"))
    plans.append(("churn cycle: connect, handshake, one message, close", 1.6, 1.2, servers.talk, "churn",
                  ["-c", "64", "-d", str(seconds), "-w", "2", "--payload", PING, "--expect-any"], "server_cpu_us_per_cycle"))
    taken = {plan[0]: ([], []) for plan in plans}
    for number in range(rounds + 1):
        for name, _, _, port, mode, arguments, key in plans:
            ours = servers.load(mode, port, *arguments)[key]
            floor = servers.load(mode, servers.floor, *arguments)[key]
            if number > 0:  # the first round only warms up
                taken[name][0].append(ours)
                taken[name][1].append(floor)
                print(f"round {number}: {name}: {ours:.2f} us, floor {floor:.2f} us, ratio {ours / floor:.2f}", flush=True)
    for name, must, aim, *_ in plans:
        ours, floor = taken[name]
        ratios = [a / b for a, b in zip(ours, floor)]
        rows.append((name, spread(ours), spread(floor), f"{spread(ratios)}", f"{must}", f"{aim}"))
    return rows


def waves(wsload):
    """A fresh process: memory per idle device, CPU of idling, and what two crowds leave behind."""
    servers = Servers(wsload)
    try:
        pid = servers.pids[servers.talk]
        servers.load("echo", servers.talk, "-c", "64", "-d", "3", "-w", "1", "--payload", PING, "--expect-any")
        time.sleep(15)
        before = resident(pid)
        after = []
        for wave in range(2):
            hold = ["idle", f"ws://127.0.0.1:{servers.talk}/", "-c", str(DEVICES), "--hello", HELLO, "-d", "75" if wave == 0 else "5",
                    "--heartbeat", "1000", "--json", "--server-pid", str(pid), *ID]
            generator = subprocess.Popen(["taskset", "-c", "1", wsload, *hold], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            if wave == 0:
                wait_for(lambda: registered(servers.talk) == DEVICES or raise_os())
                time.sleep(10)
                started, began = cpu_seconds(pid), time.monotonic()
                time.sleep(60)
                idle_cpu = (cpu_seconds(pid) - started) / (time.monotonic() - began)
            report = json.loads(generator.communicate(timeout=300)[0])
            if wave == 0:
                per_device = (report["server_rss_end"] - before) / DEVICES
            time.sleep(60)
            after.append(resident(pid))
        return [
            ("resident bytes per idle registered device, 15,000", f"{per_device:,.0f} B", "0 B", "", "2,000 B", "1,200 B"),
            ("CPU of 15,000 idle registered devices", f"{idle_cpu * 100:.2f} % of a core", "", "", "1 %", "0.3 %"),
            ("resident memory after the second wave / after the first", "", "", f"{after[1] / after[0]:.3f}", "1.05", "1.0"),
            ("resident memory a minute after they left, over the warmed-up server", f"{(after[0] - before) / 1e6:+.1f} MB", "", "", "+15 MB", "+5 MB"),
        ]
    finally:
        servers.close()


def registered(port):
    return json.loads(fetch(port + 2, "/api/v1/status"))["connections"]["registered"]


def raise_os():
    raise OSError("not there yet")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--markdown", type=pathlib.Path)
    chosen = options.parse_args()
    wsload = os.environ.get("WSLOAD") or options.error("WSLOAD names no load generator")
    servers = Servers(wsload)
    try:
        rows = compare(servers, chosen.rounds, chosen.seconds)
    finally:
        servers.close()
    rows += waves(wsload)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    lines = [f"commit {commit}, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
             f"{chosen.rounds} rounds of {chosen.seconds} s, medians (least-most)", "",
             "| what | FastGate, us of CPU | floor | ratio | must | aim |", "| --- | --- | --- | --- | --- | --- |"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    print("\n" + "\n".join(lines))
    if chosen.markdown:
        chosen.markdown.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
