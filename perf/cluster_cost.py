#!/usr/bin/env python3
"""What Cluster:Redis costs a ping: a server with it and one without it have the same load at the same time.

    perf/cluster_cost.py [--rounds 2] [--seconds 10] [--devices 1000] [--rate 2000] [--markdown FILE] [--server FastGate.dll]

The servers share core 0, one event loop each, and their load drivers share core 1, so that whatever else the machine does delays both alike. Three loads: pings alone; pings while two nodes of FastGate.Claims claim 100,000
devices again and again, as fast as the same Redis answers; pings beside 500 devices that connect and leave. Each figure is the mean of the rounds. Needs redis-server, 4,000 descriptors and about two minutes. Build the solution in Release first. Only loopback addresses are used.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

from cluster_engines import ROOT, Child, Redis, answers, free_port, wait_for

SERVER = ROOT / "src/FastGate/bin/Release/net10.0/FastGate.dll"
DRIVER = ROOT / "perf/FastGate.LoadTest/bin/Release/net10.0/FastGate.LoadTest.dll"
CLAIMS = ROOT / "perf/FastGate.Claims/bin/Release/net10.0/FastGate.Claims.dll"
LOADS = ("pings alone", "claims of other nodes", "own handshakes")
SIDES = ("without", "with")


class Server(Child):
    def __init__(self, folder, name, assembly, options):
        super().__init__(folder, name)
        self.port = free_port()
        home = self.folder / f"{name}-home"
        home.mkdir()
        settings = {"Devices:Listen": f"127.0.0.1:{self.port}", "Http:Listen": "127.0.0.1:0", "Admin:Listen": "127.0.0.1:0", "Devices:EventLoops": 1, **options}
        self.spawn(["taskset", "-c", "0", *(["dotnet", assembly] if assembly.endswith(".dll") else [assembly]), *(f"--FastGate:{key}={value}" for key, value in settings.items())], cwd=home)
        wait_for(lambda: answers(self.port), f"{name} listens")


def drive(folder, scenario, server, *arguments):
    """The driver's report is in the file."""
    report = pathlib.Path(folder, f"{scenario}-{time.monotonic_ns()}.json")
    return report, subprocess.Popen(
        ["taskset", "-c", "1", "dotnet", str(DRIVER), scenario, "--target", f"127.0.0.1:{server.port}", "--server-pid", str(server.process.pid), "--json", str(report), *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


def pings(folder, servers, arguments, seconds, beside):
    """The figures of both servers, which are loaded at the same time."""
    others = []
    if beside == LOADS[2]:
        others = [drive(folder, "churn", server, "--devices", "300", "--rate", "500", "--seed", "7", "--duration", f"{seconds + 4:g}s", "--settle", "1s")[1]
                  for server in servers.values()]
        time.sleep(1)
    runs = {side: drive(folder, "ping", server, "--devices", str(arguments.devices), "--rate", str(arguments.rate), "--ramp", "2000", "--lead", "2s", "--duration", f"{seconds:g}s",
                        "--settle", "1s") for side, server in servers.items()}
    figures = {}
    for side, (report, driver) in runs.items():
        if driver.wait() not in (0, 1):
            raise SystemExit("the driver measured nothing")
        found = json.loads(report.read_text())
        latency = found["judged"] if "judged" in found else next(each for each in found["latencies"] if each["name"] == found["judgedLatency"])
        figures[side] = {"cpu": found["server"]["cpuMicrosecondsPerOperation"], "p50": latency["p50Ms"], "p99": latency["p99Ms"], "lost": found["load"]["lost"] + found["load"]["unanswered"]}
    for other in others:
        other.wait()
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--devices", type=int, default=1_000)
    parser.add_argument("--rate", type=int, default=2_000)
    parser.add_argument("--server", default=str(SERVER))
    parser.add_argument("--markdown", type=pathlib.Path)
    arguments = parser.parse_args()
    assembly = os.path.abspath(arguments.server)
    figures, claims = {load: [] for load in LOADS}, None
    with tempfile.TemporaryDirectory(prefix="fastgate-cluster-cost-", ignore_cleanup_errors=True) as folder:
        redis = Redis(folder)
        children = [redis]
        try:
            redis.start()
            servers = dict(zip(SIDES, (Server(folder, "without", assembly, {}), Server(folder, "with", assembly, {"Cluster:Redis": f"127.0.0.1:{redis.port}", "Cluster:Node": "gw1"}))))
            children += servers.values()
            pings(folder, servers, arguments, arguments.seconds, LOADS[0])  # compiles the code
            for load in LOADS:
                if load == LOADS[1]:
                    claims = Child(folder, "claims")
                    claims.spawn(["taskset", "-c", "1", "dotnet", str(CLAIMS), "--redis", f"127.0.0.1:{redis.port}", "--rounds", "1000"])
                    time.sleep(3)
                for number in range(arguments.rounds):
                    figures[load].append(pings(folder, {side: servers[side] for side in SIDES[::1 - 2 * (number % 2)]}, arguments, arguments.seconds, load))
                    print(load, figures[load][-1], flush=True)
                if load == LOADS[1]:
                    claimed = claims.log.read_text().count(" ms |\n")
                    claims.stop()
        finally:
            for child in reversed(children + ([claims] if claims else [])):
                child.stop()

    def mean(load, side, figure):
        return statistics.mean(each[side][figure] for each in figures[load])

    lines = ["| load | µs of the server's processor for a ping: without, with, ratio | p50, ms: without, with, ratio | p99, ms: without, with, ratio | lost |", "| --- | --- | --- | --- | --- |"]
    for load in LOADS:
        cells = [f"{mean(load, 'without', figure):.2f}, {mean(load, 'with', figure):.2f}, {mean(load, 'with', figure) / mean(load, 'without', figure):.2f}" for figure in ("cpu", "p50", "p99")]
        lines.append(f"| {load} | {' | '.join(cells)} | {sum(each[side]['lost'] for each in figures[load] for side in SIDES)} |")
    lines += ["", f"{claimed} rounds of claims ended meanwhile, each of 300,000 claims."]
    print("\n".join(lines))
    if arguments.markdown:
        arguments.markdown.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
