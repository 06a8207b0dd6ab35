#!/usr/bin/env python3
"""Runs idle, pinging and talking fleets of growing size, for the sizing table of perf/README.md.

    perf/sizing.py [--seconds 60] [--scale 1] [--markdown FILE]

Builds the load driver and the server, then runs the driver once per fleet: a fresh server on core 0 with one event loop, the driver on
core 1. The measurement starts after one whole period of the fleet. Takes about thirteen minutes and at most 18,200 file descriptors on either
side. Run it on a quiet machine.

How a row is computed: bytes a device are the slope of a straight line through the fleets' memory, so the memory of a server without
devices is excluded. Kernel memory is the slope of the kernel's memory for sockets (its slab caches, which root may read, else the whole
slab), halved, because both ends of each connection are on this machine. CPU is that of the largest fleet divided by its devices; it
includes work that does not depend on devices.
"""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DRIVER = ROOT / "perf/FastGate.LoadTest"
GB = 1e9
FREE = 0.5  # share of a core, for the case that all devices speak


class Kind:
    """A fleet and what its devices do."""

    def __init__(self, name, what, scenario, sizes, period, options, operation):
        self.name, self.what, self.scenario, self.sizes, self.period, self.options, self.operation = \
            name, what, scenario, sizes, period, options, operation


KINDS = [
    # Silent for less than the server's idle timeout, so that timers are armed and none fires.
    Kind("idle", "silent, timers armed", "hold", (6_000, 12_000, 18_000), 0, lambda n: ["--keepalive", "0s"], None),
    # Ten times the rate of a real fleet, so that there are enough pings to measure.
    Kind("pinging", "a ping every 30 s", "ping", (6_000, 12_000, 18_000), 3, lambda n: ["--rate", str(n / 3)], 30),
    Kind("talking", "a turn every 15 s with 2.4 s of speech in 60 ms frames, a tenth of them interrupted", "converse", (800, 1_600, 2_400), 15,
         lambda n: ["--rate", str(n / 15), "--speech", "2400ms", "--barge-in", "0.1"], 15),
]


class KernelMemory:
    """The kernel's memory for sockets, sampled while the fleet is connected."""

    # One object per socket, and one directory entry, counted from the sockets because all files of the machine share its cache.
    CACHES = ("TCP", "sock_inode_cache", "filp", "eventpoll_epi")

    def __init__(self):
        self.before = self.read()
        self.samples = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.sample)

    @classmethod
    def read(cls):
        sockets = next(line.split() for line in open("/proc/net/sockstat") if line.startswith("TCP:"))
        buffers = int(sockets[sockets.index("mem") + 1]) * os.sysconf("SC_PAGE_SIZE")
        try:
            caches = {name: (int(objects), int(size)) for name, objects, _, size, *_ in map(str.split, list(open("/proc/slabinfo"))[2:])}
            entries = caches["sock_inode_cache"][0] * caches["dentry"][1]
            return buffers + entries + sum(objects * size for objects, size in (caches[name] for name in cls.CACHES))
        except (OSError, KeyError):
            # Not readable, or caches merged under other names: use the whole slab, which needs a quiet machine.
            return buffers + next(int(line.split()[1]) * 1024 for line in open("/proc/meminfo") if line.startswith("Slab:"))

    def sample(self):
        while not self.over.wait(1):
            self.samples.append(self.read())

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def grown(self, seconds):
        """Median of the samples during the load, without the last seconds, when devices disconnect."""
        load = sorted(self.samples[-(seconds + 5):-5] or self.samples)
        return load[len(load) // 2] - self.before


def run(kind, devices, seconds, folder):
    report = folder / f"{kind.name}-{devices}.json"
    command = ["taskset", "-c", "1", "dotnet", str(DRIVER / "bin/Release/net10.0/FastGate.LoadTest.dll"), kind.scenario,
               "--devices", str(devices), "--ramp", "2000", "--lead", f"{kind.period}s", "--duration", f"{seconds}s", "--warm-up", "6s",
               "--start-server", "--server-processors", "0", "--server-option", "FastGate:Devices:EventLoops=1",
               "--json", str(report), *kind.options(devices)]
    with KernelMemory() as kernel:
        finished = subprocess.run(command, capture_output=True, text=True)
    if finished.returncode == 2:
        sys.exit(f"{kind.name}, {devices} devices: {finished.stdout[-2000:]}{finished.stderr}")
    taken = json.loads(report.read_text())
    taken["kernel"] = kernel.grown(seconds) / 2
    return taken


def slope(points):
    """Slope of the least-squares line."""
    n = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def rounded(value):
    """Two significant digits; more are not known."""
    if value <= 0:
        return "-"
    digits = len(str(int(value))) - 2
    return f"{round(value, -digits):,.0f}" if value >= 10 else f"{value:.1f}"


def grown_bytes(taken):
    return (taken["server"]["residentMbAfter"] - taken["server"]["residentMbBefore"]) * 1e6


def fleet_row(kind, taken):
    load, server, driver = taken["load"], taken["server"], taken["driver"]
    missing = load["failed"] + load["lost"] + load["unanswered"]
    an_operation = f"{server['cpuMicrosecondsPerOperation']:,.0f}" if kind.operation else "-"
    return [kind.name, f"{load['devices']:,}", f"{server['cpuPercent']}", an_operation, f"{load['operationsPerSecond']:,.0f}",
            f"{grown_bytes(taken) / 1e6:,.2f}", f"{taken['kernel'] / 1e6:,.1f}", f"{missing}", f"{driver['busyPercent']}",
            "driver was the limit: " + "; ".join(driver["why"]) if driver["wasLimit"] else ""]


def sizing_row(kind, runs):
    points = [(taken["load"]["devices"], taken) for taken in runs]
    resident = slope([(n, grown_bytes(taken)) for n, taken in points])
    kernel = slope([(n, taken["kernel"]) for n, taken in points])
    largest = runs[-1]
    devices = largest["load"]["devices"]
    core = largest["server"]["cpuPercent"] / 100
    if kind.operation:
        # The CPU per operation at the measured rate, times the rate of a real fleet.
        a_second = core / largest["load"]["operationsPerSecond"] / kind.operation
    else:
        a_second = core / devices
    limit = "driver was the limit" if any(taken["driver"]["wasLimit"] for taken in runs) else ""
    return [f"{kind.name}: {kind.what}", f"{a_second * 1e6:,.2f}", rounded(FREE / a_second) if a_second else "-", f"{resident:,.0f}", f"{kernel:,.0f}",
            rounded(GB / resident) if resident > 0 else "-", rounded(GB / (resident + kernel)) if resident + kernel > 0 else "-", limit]


def table(heads, rows):
    return ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads), *("| " + " | ".join(row) + " |" for row in rows)]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, default=60, help="length of the measurement, after one whole period")
    options.add_argument("--scale", type=float, default=1, help="factor for the fleets' sizes, for a machine with fewer descriptors")
    options.add_argument("--markdown", type=pathlib.Path, help="also write the tables to this file")
    chosen = options.parse_args()
    if chosen.markdown:
        chosen.markdown.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["dotnet", "build", "-c", "Release", str(DRIVER)], check=True, stdout=subprocess.DEVNULL)
    fleets, sizes, began = [], [], time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            runs = []
            for size in kind.sizes:
                taken = run(kind, round(size * chosen.scale), chosen.seconds, pathlib.Path(folder))
                runs.append(taken)
                fleets.append(fleet_row(kind, taken))
                print(f"{time.monotonic() - began:4.0f} s  " + "  ".join(fleets[-1]), flush=True)
            sizes.append(sizing_row(kind, runs))
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    machine = taken["machine"]
    lines = [
        "# Sizing", "",
        f"Command: `perf/sizing.py{'' if chosen.seconds == 60 else f' --seconds {chosen.seconds}'}{'' if chosen.scale == 1 else f' --scale {chosen.scale}'}`, "
        f"{time.strftime('%Y-%m-%d')}, commit {commit or 'unknown'}. Machine: {machine['cores']} cores {machine['processor']}, "
        f"{platform.system()} {platform.release()}, {machine['runtime']}. "
        f"Server on core 0 with one event loop, driver on core 1; {chosen.seconds} s measured after one whole period.", "",
        *table(["fleet", "a device costs, us of CPU a second", "devices per core, half of it left free", "bytes a device, resident",
                "bytes a device, kernel", "devices per GB, resident", "devices per GB, resident and kernel", ""], sizes), "",
        "Where the table says hundreds of thousands, memory and file descriptors run out long before CPU.", "",
        "The runs:", "",
        *table(["fleet", "devices", "server CPU, % of a core", "us an operation", "operations a second", "growth of resident memory, MB",
                "growth of kernel memory, MB, one end", "failed, lost, unanswered", "driver busy, %", ""], fleets),
    ]
    print("\n" + "\n".join(lines))
    if chosen.markdown:
        chosen.markdown.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
