#!/usr/bin/env python3
"""Compares the server's device listener with a floor: a bare epoll loop that only frames and echoes.

    perf/compare_floor.py [--rounds 7] [--seconds 5] [--warm-up 10] [--server PROGRAM] [--markdown FILE]
    WSLOAD=/path/to/wsload perf/compare_floor.py ...

Publishes the server (compiled in advance) and builds the load driver. FastGate.LoadTest drives both sides on schedule and is the floor too (`serve`). With WSLOAD, that program is
generator and floor: it also keeps several pings of a device in flight. It can be any program with wsload's command line and JSON (`echo`,
`idle`, `churn`, `serve`) and is not part of this repository. After a warm-up of each row, server and floor alternate on core 0, the generator
runs on core 1, and each round reverses the order. Each figure is the median of the rounds, and each ratio the median of the ratios of the rounds, so
that a drifting machine speed has little effect. Run it on a quiet machine: the load of other processes on the two cores is printed.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import tempfile
import time

import compare_generators
import compare_rounds
from compare_generators import DEVICES, ROOT
from compare_servers import FLOOR, Servers, cpu_seconds, fetch, wait_for
from compare_statistics import MOST_OTHER_LOAD, spread

GATEWAY = "gateway"


def resident(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise OSError("no VmRSS")


def compare(servers, chosen):
    rows = []
    figures, loads = compare_rounds.measure(servers, servers.generator.rows, [GATEWAY], chosen)
    for row in servers.generator.rows:
        gateway, floor = (figures[row.name][name] for name in (GATEWAY, FLOOR))
        rows.append((row.name, spread(gateway), spread(floor), spread([a / b for a, b in zip(gateway, floor)]), f"{row.must}", f"{row.aim}"))
    return rows, loads


def waves(generator, program):
    """In a fresh process: memory per idle device, CPU while idle, and memory left after two fleets."""
    servers = Servers(generator, {GATEWAY: program}, ["talk"])
    try:
        pid = servers.pids[GATEWAY, "talk"]
        device, _, admin = servers.ports[GATEWAY, "talk"]
        servers.take(GATEWAY, generator.rows[0], 5)
        registered(admin)  # the first request of the admin page allocates memory that no device needs
        time.sleep(15)
        before = resident(pid)
        after = []
        for wave in range(2):
            fleet = generator.hold(device, pid, 75 if wave == 0 else 5)
            if wave == 0:
                wait_for(lambda: registered(admin) == DEVICES or raise_not_ready())
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
            ("resident bytes per idle registered device, 15,000", f"{per_device:,.0f} B", "0 B", "", "1,000 B", "800 B"),
            ("CPU of 15,000 idle registered devices", f"{idle_cpu * 100:.2f} % of a core", "", "", "1 %", "0.3 %"),
            ("resident memory after the second wave / after the first", "", "", f"{after[1] / after[0]:.3f}", "1.05", "1.0"),
            ("resident memory a minute after they disconnected, above the warmed-up server",
             f"{(after[0] - before) / 1e6:+.1f} MB", "", "", "+15 MB", "+5 MB"),
        ]
    finally:
        servers.close()


def registered(port):
    return json.loads(fetch(port, "/api/v1/status"))["connections"]["registered"]


def raise_not_ready():
    raise OSError("not all devices are registered")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--seconds", type=int, default=5)
    options.add_argument("--warm-up", type=int, default=10, help="seconds of load on each server before the rounds, for each row")
    options.add_argument("--server", type=pathlib.Path, help="a FastGate.dll or a native program; without it the server is built")
    options.add_argument("--markdown", type=pathlib.Path)
    chosen = options.parse_args()
    if chosen.markdown:
        chosen.markdown.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        program = chosen.server.resolve() if chosen.server else compare_generators.publish(ROOT / "src/FastGate", pathlib.Path(folder) / "server")
        generator = compare_generators.create(os.environ, folder)
        servers = Servers(generator, {GATEWAY: program})
        try:
            rows, loads = compare(servers, chosen)
        finally:
            servers.close()
        rows += waves(generator, program)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    lines = [f"commit {commit}, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
             f"generator and floor {generator.name}, {chosen.rounds} rounds of {chosen.seconds} s after a warm-up of {chosen.warm_up} s, medians (least-most), "
             f"other load {statistics.median(loads):.1%} (at most {max(loads):.1%})", "",
             "| figure | FastGate, us of CPU | floor | ratio | must | aim |", "| --- | --- | --- | --- | --- | --- |"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    print("\n" + "\n".join(lines))
    if statistics.median(loads) > MOST_OTHER_LOAD:
        print(f"the machine was too busy: others used more than {MOST_OTHER_LOAD:.0%} of the two processors")
    if chosen.markdown:
        chosen.markdown.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
