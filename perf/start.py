#!/usr/bin/env python3
"""Measures the time from the start of a process until the log says that the device listener is open.

    perf/start.py [--rounds 11] [--markdown FILE] NAME=COMMAND...
    perf/start.py jit="dotnet jit/FastGate.dll" r2r="dotnet r2r/FastGate.dll" native=native/FastGate

The commands are those of published builds. Every round starts each of them once, in turn, on core 0 and in an empty folder. The first round only
fills the page cache. Each figure is the median of the rounds, with the least and the most. CPU time includes the time of the runtime's threads.
"""

import argparse
import os
import pathlib
import shlex
import signal
import statistics
import subprocess
import tempfile
import time

from compare_floor import cpu_seconds

PORT = 28600


def start(command):
    """Milliseconds until the server listens, and milliseconds of CPU."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        process = subprocess.Popen(
            ["taskset", "-c", "0", *command, "--FastGate:Devices:EventLoops=1", f"--FastGate:Devices:Listen=127.0.0.1:{PORT}",
             f"--FastGate:Http:Listen=127.0.0.1:{PORT + 1}", f"--FastGate:Admin:Listen=127.0.0.1:{PORT + 2}"],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            if not any(b"Listening with" in line for line in process.stdout):
                raise SystemExit(f"{shlex.join(command)} ended before it listened")
            return (time.monotonic() - began) * 1000, cpu_seconds(process.pid) * 1000
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)


def absolute(command):
    """Paths of the command line, because the server starts in another folder."""
    return [os.path.abspath(part) if pathlib.Path(part).exists() else part for part in shlex.split(command)]


def row(values):
    return f"{statistics.median(values):.0f} ({min(values):.0f}-{max(values):.0f})"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("builds", nargs="+", metavar="NAME=COMMAND")
    options.add_argument("--rounds", type=int, default=11)
    options.add_argument("--markdown", type=pathlib.Path)
    chosen = options.parse_args()
    builds = {name: absolute(command) for name, command in (build.split("=", 1) for build in chosen.builds)}
    taken = {name: [] for name in builds}
    for number in range(chosen.rounds + 1):
        for name, command in builds.items():
            figures = start(command)
            if number > 0:
                taken[name].append(figures)
    lines = [f"{chosen.rounds} rounds, medians (least-most), load average {os.getloadavg()[0]:.1f}", "",
             "| build | start to listening, ms | CPU until then, ms |", "| --- | --- | --- |"]
    lines += [f"| {name} | {row([wall for wall, _ in figures])} | {row([cpu for _, cpu in figures])} |" for name, figures in taken.items()]
    print("\n".join(lines))
    if chosen.markdown:
        chosen.markdown.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
