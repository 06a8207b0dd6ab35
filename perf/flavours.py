#!/usr/bin/env python3
"""Compares the two flavours of the server: on the .NET runtime (JIT), and as a native program (Native AOT).

    perf/flavours.py [--rounds 7] [--seconds 5] [--native FOLDER] [--markdown FILE]
    WSLOAD=/path/to/wsload perf/flavours.py ...

Publishes both; --native names a native program that is published already. Every round starts a fresh server of each flavour in turn on core 0 and
drives it from core 1, with the generators of compare_floor.py; a start is the median of five. Each figure is the median of the rounds, with the least
and the most, and each ratio is the median of the ratios of the rounds.
"""

import argparse
import os
import pathlib
import platform
import shutil
import signal
import statistics
import subprocess
import tempfile
import time

import compare_generators
from compare_floor import raise_not_ready, registered, resident
from compare_generators import HELLO, ROOT
from compare_servers import cpu_seconds, fetch, wait_for
from compare_statistics import spread

PORT = 28500
STARTS = 5
MIB = 1024 * 1024


def publish(folder, *options):
    subprocess.run(["dotnet", "publish", str(ROOT / "src/FastGate"), "-c", "Release", "--artifacts-path", str(folder / "build"), "-o", str(folder / "out"), *options],
                   check=True, stdout=subprocess.DEVNULL)
    return folder / "out"


def megabytes(folder, pattern="**/*"):
    return sum(file.stat().st_size for file in folder.glob(pattern) if file.is_file()) / MIB


class Server:
    """A fresh server on core 0, in a folder of its own, timed until its log says that the device listener is open."""

    def __init__(self, command, folder):
        began = time.monotonic()
        self.process = subprocess.Popen(
            ["taskset", "-c", "0", *command, "--FastGate:Devices:EventLoops=1", f"--FastGate:Devices:Listen=127.0.0.1:{PORT}",
             f"--FastGate:Http:Listen=127.0.0.1:{PORT + 1}", f"--FastGate:Admin:Listen=127.0.0.1:{PORT + 2}"],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for line in self.process.stdout:
            if b"Listening with" in line:
                break
        self.listening = (time.monotonic() - began) * 1000
        self.cpu = cpu_seconds(self.process.pid) * 1000
        wait_for(lambda: fetch(PORT + 1, "/health/ready"))

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=20)


def measure(command, generator, seconds):
    with tempfile.TemporaryDirectory() as folder:
        starts = []
        for _ in range(STARTS):
            server = Server(command, folder)
            starts.append((server.listening, server.cpu))
            server.close()
        server = Server(command, folder)
        pid = server.process.pid
        try:
            time.sleep(3)
            listening, cpu = (statistics.median(values) for values in zip(*starts))
            taken = {"start to listening, ms": listening, "CPU of the start, ms": cpu, "resident when idle, MiB": resident(pid) / MIB}
            fleet = generator.start("idle", PORT, pid, False, "-c", "1000", "--hello", HELLO, "-d", "5", "--heartbeat", "1000") \
                if generator.name == "wsload" else generator.start("hold", PORT, pid, "--devices", "1000", "--keepalive", "0s", "--duration", "5s")
            wait_for(lambda: registered(PORT + 2) == 1000 or raise_not_ready())
            time.sleep(2)
            taken["resident with 1,000 idle devices, MiB"] = resident(pid) / MIB
            generator.finish(fleet)
            for row in generator.rows:
                if row.side == "talk" and "depth 16" not in row.name:
                    # The second time counts: the first one compiles.
                    for _ in range(2):
                        taken[f"{row.name}, us of CPU"] = generator.take(row, PORT, pid, False, seconds)
            taken["resident after the load, MiB"] = resident(pid) / MIB
            return taken
        finally:
            server.close()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--native", type=pathlib.Path)
    options.add_argument("--markdown", type=pathlib.Path)
    chosen = options.parse_args()
    work = pathlib.Path(tempfile.mkdtemp())
    try:
        jit = publish(work / "jit")
        native = chosen.native or publish(work / "native", "--use-current-runtime", "-p:PublishAot=true")
        flavours = {"JIT": ["dotnet", str(jit / "FastGate.dll")], "AOT": [str((native / "FastGate").absolute())]}
        generator = compare_generators.create(os.environ, work)
        taken = {name: [] for name in flavours}
        loads = []
        for number in range(chosen.rounds):
            for name, command in flavours.items():
                loads.append(os.getloadavg()[0])
                taken[name].append(measure(command, generator, chosen.seconds))
                print(f"round {number + 1}: {name}: {', '.join(f'{figure} {value:.2f}' for figure, value in taken[name][-1].items())}", flush=True)
        rows = [("program and its libraries, MiB", f"{megabytes(jit):.1f}", f"{megabytes(native):.1f}", ""),
                ("of it the program itself, MiB", f"{megabytes(jit, '*.dll'):.1f}", f"{megabytes(native, 'FastGate'):.1f}", "")]
        for figure in taken["JIT"][0]:
            one, other = ([round_[figure] for round_ in taken[name]] for name in ("JIT", "AOT"))
            rows.append((figure, spread(one), spread(other), f"{statistics.median(b / a for a, b in zip(one, other)):.2f}"))
    finally:
        shutil.rmtree(work)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    lines = [f"commit {commit}, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, generator {generator.name}, "
             f"{chosen.rounds} rounds of {chosen.seconds} s, load average before a start {spread(loads, 1)}, medians (least-most)", "",
             "| figure | JIT | AOT | AOT / JIT |", "| --- | --- | --- | --- |"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    print("\n" + "\n".join(lines))
    if chosen.markdown:
        chosen.markdown.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
