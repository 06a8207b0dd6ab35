#!/usr/bin/env python3
"""Compares the server's device listener with a floor: a bare epoll loop that only frames and echoes.

    perf/compare_floor.py [--rounds 5] [--seconds 5] [--markdown FILE]
    WSLOAD=/path/to/wsload perf/compare_floor.py ...

Builds server and load driver. FastGate.LoadTest drives both sides on schedule and is the floor too (`serve`). With WSLOAD, that program is
generator and floor: it also keeps several pings of a device in flight. It can be any program with wsload's command line and JSON (`echo`,
`idle`, `churn`, `serve`) and is not part of this repository. Server and floor alternate on core 0, the generator runs on core 1. Each figure
is the median of the rounds, and each ratio the median of the ratios of the rounds, so that a drifting machine speed has little effect. Run
it on a quiet machine.
"""

import argparse
import json
import os
import pathlib
import platform
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
SERVER = ROOT / "src/FastGate/bin/Release/net10.0/FastGate.dll"
DRIVER = ROOT / "perf/FastGate.LoadTest"
PING = '{"type":"ping"}'
HELLO = '{"type":"hello","version":1,"transport":"websocket"}'
ID = ["-H", "Device-Id: {mac}"]
DEVICES = 15_000


class Wsload:
    """A generator that sends as soon as the answer has arrived."""

    name = "wsload"
    rows = [  # name, must, aim, side, mode, arguments, figure
        ("ping answered, 1,000 devices, depth 1", 1.15, 1.0, "talk", "echo", ["-c", "1000", "--payload", PING, "--expect-any"], "server_cpu_us_per_message"),
        ("ping answered, 100 devices, depth 16", 2.0, 1.2, "talk", "echo", ["-c", "100", "-P", "16", "--payload", PING, "--expect-any"], "server_cpu_us_per_message"),
        ("ping at a fixed 8,000 a second, 1,000 devices", 1.2, 1.0, "talk", "echo", ["-c", "1000", "--rate", "8000", "--payload", PING, "--expect-any"], "server_cpu_us_per_message"),
        ("echo of 1 KiB binary, 1,000 devices", 1.15, 1.0, "echo", "echo", ["-c", "1000", "-s", "1024", "-b"], "server_cpu_us_per_message"),
        ("echo of 16 KiB binary, 100 devices", 1.4, 1.1, "echo", "echo", ["-c", "100", "-s", "16384", "-b"], "server_cpu_us_per_message"),
        ("handshake with identity and registration", 1.8, 1.2, "talk", "idle", ["-c", str(DEVICES)], "server_cpu_us_per_handshake"),
        ("churn cycle: connect, handshake, one message, close", 1.6, 1.2, "talk", "churn", ["-c", "64", "--payload", PING, "--expect-any"], "server_cpu_us_per_cycle"),
    ]

    def __init__(self, program):
        self.program = program

    def floor(self, port):
        return [self.program, "serve", "-p", str(port)]

    def start(self, mode, port, pid, floor, *arguments):
        command = ["taskset", "-c", "1", self.program, mode, f"ws://127.0.0.1:{port}/", "--json", "--server-pid", str(pid), *arguments]
        return subprocess.Popen(command + ([] if floor else ID), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def take(self, mode, port, pid, floor, arguments, figure, seconds):
        time_of_load = ["-d", "1"] if mode == "idle" else ["-d", str(seconds), "-w", "2"]
        return self.finish(self.start(mode, port, pid, floor, *arguments, *time_of_load))[figure]

    def hold(self, port, pid, seconds):
        return self.start("idle", port, pid, False, "-c", str(DEVICES), "--hello", HELLO, "-d", str(seconds), "--heartbeat", "1000")

    @staticmethod
    def finish(generator):
        return json.loads(generator.communicate(timeout=600)[0])

    def resident_end(self, report):
        return report["server_rss_end"]


class LoadTest:
    """The project's driver: sends on schedule. Must and aim are defined for wsload's floor, which has no runtime and answers no hello."""

    name = "FastGate.LoadTest"
    rows = [
        ("ping at 4,000 a second, 1,000 devices", "-", "-", "talk", "ping", ["--devices", "1000", "--rate", "4000"], "cpuMicrosecondsPerOperation"),
        ("ping at 8,000 a second, 1,000 devices", "-", "-", "talk", "ping", ["--devices", "1000", "--rate", "8000"], "cpuMicrosecondsPerOperation"),
        ("echo of 60 ms frames, 400 devices", "-", "-", "echo", "audio", ["--devices", "400"], "cpuMicrosecondsPerOperation"),
        ("handshake with identity, registration and hello", "-", "-", "talk", "hold", ["--devices", str(DEVICES), "--ramp", "3000", "--keepalive", "0s"],
         "cpuMicrosecondsPerConnection"),
        ("churn cycle: connect, handshake, hello, one ping, disconnect", "-", "-", "talk", "churn", ["--devices", "500", "--rate", "1500"], "cpuMicrosecondsPerOperation"),
    ]

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.program = ["dotnet", str(DRIVER / "bin/Release/net10.0/FastGate.LoadTest.dll")]

    def floor(self, port):
        return [*self.program, "serve", "--port", str(port)]

    def start(self, mode, port, pid, *arguments):
        command = ["taskset", "-c", "1", *self.program, mode, "--target", f"127.0.0.1:{port}", "--server-pid", str(pid), *arguments]
        return subprocess.Popen([*command, "--json", str(self.folder / "run.json")], stdout=subprocess.DEVNULL)

    def take(self, mode, port, pid, floor, arguments, figure, seconds):
        time_of_load = ["--duration", "1s"] if mode == "hold" else ["--lead", "2s", "--duration", f"{seconds}s"]
        report = self.finish(self.start(mode, port, pid, *arguments, *time_of_load))
        if report["driver"]["wasLimit"]:
            print(f"driver was the limit: {'; '.join(report['driver']['why'])}", flush=True)
        return report["server"][figure]

    def hold(self, port, pid, seconds):
        return self.start("hold", port, pid, "--devices", str(DEVICES), "--ramp", "3000", "--keepalive", "0s", "--duration", f"{seconds}s")

    def finish(self, generator):
        if generator.wait(timeout=600) != 0:
            raise SystemExit("the load driver measured nothing")
        return json.loads((self.folder / "run.json").read_text())

    def resident_end(self, report):
        return report["server"]["residentMbAfter"] * 1e6


class Servers:
    """A gateway, a gateway in echo mode and the floor, all on core 0; only the one under load is busy."""

    def __init__(self, generator):
        self.generator = generator
        self.folder = tempfile.TemporaryDirectory()
        self.started = []
        self.talk, self.echo, self.floor = 28100, 28200, 28300
        self.pids = {
            self.talk: self.gateway(self.talk),
            self.echo: self.gateway(self.echo, "--FastGate:Devices:Echo=true"),
            self.floor: self.start(generator.floor(self.floor)),
        }
        for port in (self.talk, self.echo):
            wait_for(lambda: fetch(port + 1, "/health/ready"))
        wait_for(lambda: socket.create_connection(("127.0.0.1", self.floor)).close())

    def gateway(self, port, *options):
        return self.start([
            "dotnet", str(SERVER), "--FastGate:Devices:EventLoops=1",
            f"--FastGate:Devices:Listen=127.0.0.1:{port}", f"--FastGate:Http:Listen=127.0.0.1:{port + 1}",
            f"--FastGate:Admin:Listen=127.0.0.1:{port + 2}", f"--FastGate:Memory:Path={port}.db", *options])

    def start(self, command):
        process = subprocess.Popen(["taskset", "-c", "0", *command], cwd=self.folder.name,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.started.append(process)
        return process.pid

    def take(self, side, mode, arguments, figure, seconds):
        port = getattr(self, side)
        return self.generator.take(mode, port, self.pids[port], port == self.floor, arguments, figure, seconds)

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
    plans = servers.generator.rows
    taken = {plan[0]: ([], []) for plan in plans}
    for number in range(rounds + 1):
        for name, _, _, side, mode, arguments, figure in plans:
            gateway = servers.take(side, mode, arguments, figure, seconds)
            floor = servers.take("floor", mode, arguments, figure, seconds)
            if number > 0:  # the first round is the warm-up
                taken[name][0].append(gateway)
                taken[name][1].append(floor)
                print(f"round {number}: {name}: {gateway:.2f} us, floor {floor:.2f} us, ratio {gateway / floor:.2f}", flush=True)
    for name, must, aim, *_ in plans:
        gateway, floor = taken[name]
        ratios = [a / b for a, b in zip(gateway, floor)]
        rows.append((name, spread(gateway), spread(floor), f"{spread(ratios)}", f"{must}", f"{aim}"))
    return rows


def waves(generator):
    """In a fresh process: memory per idle device, CPU while idle, and memory left after two fleets."""
    servers = Servers(generator)
    try:
        pid = servers.pids[servers.talk]
        _, _, _, side, mode, arguments, figure = generator.rows[0]
        servers.take(side, mode, arguments, figure, 5)
        registered(servers.talk)  # the first request of the admin page allocates memory that no device needs
        time.sleep(15)
        before = resident(pid)
        after = []
        for wave in range(2):
            fleet = generator.hold(servers.talk, pid, 75 if wave == 0 else 5)
            if wave == 0:
                wait_for(lambda: registered(servers.talk) == DEVICES or raise_not_ready())
                time.sleep(10)
                started, began = cpu_seconds(pid), time.monotonic()
                time.sleep(60)
                idle_cpu = (cpu_seconds(pid) - started) / (time.monotonic() - began)
            report = generator.finish(fleet)
            if wave == 0:
                per_device = (generator.resident_end(report) - before) / DEVICES
            time.sleep(60)
            after.append(resident(pid))
        return [
            ("resident bytes per idle registered device, 15,000", f"{per_device:,.0f} B", "0 B", "", "2,000 B", "1,200 B"),
            ("CPU of 15,000 idle registered devices", f"{idle_cpu * 100:.2f} % of a core", "", "", "1 %", "0.3 %"),
            ("resident memory after the second wave / after the first", "", "", f"{after[1] / after[0]:.3f}", "1.05", "1.0"),
            ("resident memory a minute after they disconnected, above the warmed-up server", f"{(after[0] - before) / 1e6:+.1f} MB", "", "", "+15 MB", "+5 MB"),
        ]
    finally:
        servers.close()


def registered(port):
    return json.loads(fetch(port + 2, "/api/v1/status"))["connections"]["registered"]


def raise_not_ready():
    raise OSError("not all devices are registered")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--markdown", type=pathlib.Path)
    chosen = options.parse_args()
    if chosen.markdown:
        chosen.markdown.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["dotnet", "build", "-c", "Release", str(DRIVER)], check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        wsload = os.environ.get("WSLOAD")
        generator = Wsload(wsload) if wsload else LoadTest(folder)
        servers = Servers(generator)
        try:
            rows = compare(servers, chosen.rounds, chosen.seconds)
        finally:
            servers.close()
        rows += waves(generator)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    lines = [f"commit {commit}, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
             f"generator and floor {generator.name}, {chosen.rounds} rounds of {chosen.seconds} s, medians (least-most)", "",
             "| figure | FastGate, us of CPU | floor | ratio | must | aim |", "| --- | --- | --- | --- | --- | --- |"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    print("\n" + "\n".join(lines))
    if chosen.markdown:
        chosen.markdown.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
