#!/usr/bin/env python3
"""What Cluster:Redis costs a ping: a server with it and one without it take turns under the same load, in one run.

    perf/cluster_cost.py [--rounds 3] [--seconds 5] [--devices 1000] [--rate 4000] [--markdown FILE] [--server FastGate.dll]

The servers share core 0, one event loop each, and the load driver has core 1. Three loads: pings alone; pings while two nodes of FastGate.Claims claim 100,000
devices again and again, as fast as the same Redis answers; pings beside 500 devices that connect and leave. Each figure is the median of the rounds, each ratio the median of
the ratios of two neighbours. Needs redis-server, 4,000 descriptors and about three minutes. Build the solution in Release first. Only loopback addresses are used.
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


def ping(folder, server, arguments, seconds, beside):
    churn = None
    if beside == LOADS[2]:
        churn = drive(folder, "churn", server, "--devices", "500", "--rate", "1000", "--duration", f"{seconds + 4:g}s", "--settle", "1s")[1]
        time.sleep(1)
    report, driver = drive(folder, "ping", server, "--devices", str(arguments.devices), "--rate", str(arguments.rate), "--ramp", "2000", "--lead", "1s", "--duration", f"{seconds:g}s",
                           "--settle", "1s")
    if driver.wait() not in (0, 1):
        raise SystemExit("the driver measured nothing")
    if churn is not None:
        churn.wait()
    found = json.loads(report.read_text())
    latency = found["judged"] if "judged" in found else next(each for each in found["latencies"] if each["name"] == found["judgedLatency"])
    return {"cpu": found["server"]["cpuMicrosecondsPerOperation"], "p50": latency["p50Ms"], "p99": latency["p99Ms"], "lost": found["load"]["lost"] + found["load"]["unanswered"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--devices", type=int, default=1_000)
    parser.add_argument("--rate", type=int, default=4_000)
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
            for side in SIDES:
                ping(folder, servers[side], arguments, arguments.seconds, LOADS[0])  # compiles the code
            for load in LOADS:
                if load == LOADS[1]:
                    claims = Child(folder, "claims")
                    claims.spawn(["taskset", "-c", "1", "dotnet", str(CLAIMS), "--redis", f"127.0.0.1:{redis.port}", "--rounds", "1000"])
                    time.sleep(3)
                for number in range(arguments.rounds):
                    order = SIDES if number % 2 == 0 else SIDES[::-1]
                    figures[load].append({side: ping(folder, servers[side], arguments, arguments.seconds, load) for side in order})
                    print(load, figures[load][-1], flush=True)
                if load == LOADS[1]:
                    claimed = claims.log.read_text().count(" ms |\n")
                    claims.stop()
        finally:
            for child in reversed(children + ([claims] if claims else [])):
                child.stop()

    def median(load, side, figure):
        return statistics.median(each[side][figure] for each in figures[load])

    def ratio(load, figure):
        return statistics.median(each["with"][figure] / each["without"][figure] for each in figures[load])

    lines = ["| load | µs of the server's processor for a ping: without, with, ratio | p50, ms: without, with, ratio | p99, ms: without, with, ratio | lost |", "| --- | --- | --- | --- | --- |"]
    for load in LOADS:
        cells = [f"{median(load, 'without', figure):.2f}, {median(load, 'with', figure):.2f}, {ratio(load, figure):.2f}" for figure in ("cpu", "p50", "p99")]
        lines.append(f"| {load} | {' | '.join(cells)} | {sum(each[side]['lost'] for each in figures[load] for side in SIDES)} |")
    lines += ["", f"{claimed} rounds of claims ended meanwhile, each of 300,000 claims."]
    print("\n".join(lines))
    if arguments.markdown:
        arguments.markdown.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
