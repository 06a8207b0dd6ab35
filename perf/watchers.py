#!/usr/bin/env python3
"""What a dashboard or `top` costs the server: one load, with and without watchers in turn.

    perf/watchers.py [--devices 15000] [--rate 2000] [--duration 120] [--watchers 1] [--server FastGate.dll] [--markdown FILE]

Builds the server and the load driver, and starts both on one processor each; the watchers share the driver's. Every few samples the script changes the
phase: no watcher, then watchers that follow GET /api/v1/events, then such watchers that also search the devices once a second. The first sample after a
change is left out. A new process compiles what requests need, so the script makes some hundred requests first. Only loopback addresses are used. Needs 16,000 file descriptors and about four minutes.
"""

import argparse
import json
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
ASSEMBLY = ROOT / "src/FastGate/bin/Release/net10.0/FastGate.dll"
DRIVER = ROOT / "perf/FastGate.LoadTest/bin/Release/net10.0/FastGate.LoadTest.dll"
PHASES = ("none", "events", "events and search")
SAMPLES = 4  # of one phase in a row; the first of them is left out
WARM_UP = 300  # requests
LINE = re.compile(r"s load +devices +\d+ +ops/s +([\d.]+) +p50 +([\d.]+) ms +p99 +([\d.]+) ms +server +([\d.]+) %")


class Watchers:
    """Threads that read the event stream and search the list while they are wanted."""

    def __init__(self, admin, count):
        self.base, self.phase, self.events, self.streams = f"http://127.0.0.1:{admin}/api/v1", PHASES[0], 0, []
        self.count, self.ended = count, threading.Event()
        threading.Thread(target=self.search, daemon=True).start()

    def warm_up(self):
        for _ in range(WARM_UP):
            self.ask()
        with urllib.request.urlopen(f"{self.base}/events") as stream:
            for _ in range(15):  # five events of three lines
                stream.readline()

    def ask(self):
        with urllib.request.urlopen(f"{self.base}/devices?limit=50&maxAge=100000", timeout=5) as reply:
            json.load(reply)

    def change(self, phase):
        self.phase = phase
        if phase == PHASES[0]:
            for stream in self.streams:
                stream.close()
            self.streams = []
        elif not self.streams:
            for _ in range(self.count):
                stream = urllib.request.urlopen(f"{self.base}/events")
                self.streams.append(stream)
                threading.Thread(target=self.read, args=(stream,), daemon=True).start()

    def read(self, stream):
        try:
            for line in stream:
                self.events += line.startswith(b"data:")
        except (OSError, ValueError, AttributeError):
            return  # closed by the change of the phase

    def search(self):
        while not self.ended.wait(1):
            if self.phase == PHASES[2]:
                self.ask()


def port_of(log, name, process):
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        found = re.search(rf"\b{name}://[^\s/]+:(\d+)", log.read_text(errors="replace"), re.IGNORECASE)
        if found:
            return int(found[1])
        time.sleep(0.1)
    sys.exit(f"The server did not start:\n{log.read_text(errors='replace')}")


def measure(arguments):
    rows = {phase: [] for phase in PHASES}
    with tempfile.TemporaryDirectory(prefix="fastgate-watchers-") as directory:
        log = pathlib.Path(directory, "log")
        program = ["dotnet", arguments.server] if arguments.server.endswith(".dll") else [arguments.server]
        with log.open("w") as output:
            server = subprocess.Popen(
                ["taskset", "-c", "0", *program, *(f"--FastGate:{name}:Listen=127.0.0.1:0" for name in ("Devices", "Http", "Admin")),
                 "--FastGate:Devices:EventLoops=1", f"--FastGate:Devices:MaxConnections={arguments.devices + 100}"],
                cwd=directory, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        try:
            devices, admin = port_of(log, "devices: ws", server), port_of(log, "admin: http", server)
            watchers = Watchers(admin, arguments.watchers)
            watchers.warm_up()
            driver = subprocess.Popen(
                ["taskset", "-c", "1", "dotnet", str(DRIVER), "ping", "--target", f"127.0.0.1:{devices}", "--server-pid", str(server.pid),
                 "--devices", str(arguments.devices), "--rate", str(arguments.rate), "--duration", f"{arguments.duration}s", "--lead", "10s",
                 "--warm-up", "6s", "--settle", "2s"],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, cwd=directory)
            seen, summary = 0, []
            for line in driver.stdout:
                summary.append(line.rstrip())
                found = LINE.search(line)
                if found is None:
                    continue
                phase = PHASES[seen // SAMPLES % len(PHASES)]
                if seen % SAMPLES > 0:
                    rows[phase].append([float(value) for value in found.groups()])
                seen += 1
                watchers.change(PHASES[seen // SAMPLES % len(PHASES)])
            watchers.change(PHASES[0])
            watchers.ended.set()
            if driver.wait() != 0 or not all(len(samples) > 2 for samples in rows.values()):
                sys.exit("\n".join(summary[-30:]))
        finally:
            server.terminate()
            server.wait(20)
    return rows, watchers.events


def table(rows):
    lines = ["| watchers | samples | pings/s | server CPU, % of a core: mean ± standard error | p50, ms | p99, ms: median (quartiles) |", "| --- | --- | --- | --- | --- | --- |"]
    for phase, samples in rows.items():
        rate, p50, p99, cpu = (list(column) for column in zip(*samples))
        low, middle, high = statistics.quantiles(p99, n=4)
        error = statistics.stdev(cpu) / len(cpu) ** 0.5
        lines.append(f"| {phase} | {len(samples)} | {statistics.mean(rate):.0f} | {statistics.mean(cpu):.2f} ± {error:.2f} | "
                     f"{statistics.median(p50):.3f} | {middle:.3f} ({low:.3f}-{high:.3f}) |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=15_000)
    parser.add_argument("--rate", type=int, default=2_000)
    parser.add_argument("--duration", type=int, default=120)
    parser.add_argument("--watchers", type=int, default=1)
    parser.add_argument("--server", default=str(ASSEMBLY))
    parser.add_argument("--markdown", type=pathlib.Path)
    parser.add_argument("--no-build", action="store_true")
    arguments = parser.parse_args()
    if not arguments.no_build:
        subprocess.run(["dotnet", "build", "-c", "Release", str(ROOT / "perf/FastGate.LoadTest")], check=True, stdout=subprocess.DEVNULL)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, arguments.devices + 1_000), hard))
    rows, events = measure(arguments)
    report = f"{table(rows)}\n\n{events} events were read.\n"
    print(report)
    if arguments.markdown:
        arguments.markdown.write_text(report)


if __name__ == "__main__":
    main()
