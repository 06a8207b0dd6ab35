#!/usr/bin/python3
"""A long run against one server: rounds of churn, of a reconnect storm, and of pinging devices beside as many hostile peers.

    perf/soak.py [--minutes 15] [--devices 500] [--rate 2000] [--server FastGate.dll] [--option KEY=VALUE ...] [--markdown FILE]

After each round, when all devices have left, the script reads the server's memory, its descriptors and its registry. It ends with a table, and with
status 1 when a device was lost, a device remained, or memory or descriptors grew after the first third of the time. At 2,000 connects a second a
quarter of an hour has a million connections. Only loopback addresses are used. Build the server and FastGate.LoadTest first.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

from drain import ASSEMBLY, ROOT, Server

DRIVER = ROOT / "perf/FastGate.LoadTest/bin/Release/net10.0/FastGate.LoadTest.dll"
SETTLED = 60  # seconds for the server to forget the last devices of a round
GROWTH_MB = 24  # allowed growth of anonymous memory: the heap has up to 16 MB between two collections, and the collector returns memory late
GROWTH_CODE_MB = 8  # allowed growth of compiled code: methods that have become hot are compiled again, and the older code stays
GROWTH_DESCRIPTORS = 16


def metric(server, name):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.admin}/metrics", timeout=60) as reply:
        lines = [line.decode() for line in reply]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)


def resident_mb(server):
    """All of it; its anonymous part, which has both heaps and the stacks; and its shared part, which is the code that the runtime has compiled."""
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return [int(status.split(key)[1].split()[0]) / 1024 for key in ("VmRSS:", "RssAnon:", "RssShmem:")]


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def drive(server, scenario, *arguments):
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        ended = subprocess.run(
            ["dotnet", DRIVER, scenario, "--target", f"127.0.0.1:{server.devices}", "--server-pid", str(server.process.pid), "--json", report.name, *arguments],
            capture_output=True, text=True, check=False)
        if ended.returncode == 2:
            sys.exit(f"{scenario} was not measured:\n{ended.stdout}{ended.stderr}")
        return json.loads(pathlib.Path(report.name).read_text())


def rounds(devices, rate):
    yield "churn", ["--devices", str(devices), "--rate", str(rate), "--duration", "30s"]
    yield "storm", ["--devices", str(devices * 4), "--cut-after", "2s", "--duration", "10s", "--ramp", str(rate)]
    yield "abuse", ["--devices", str(devices), "--hostile", str(devices), "--rate", str(devices), "--duration", "20s"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--devices", type=int, default=500)
    parser.add_argument("--rate", type=int, default=2000, help="connects a second")
    parser.add_argument("--server", type=pathlib.Path, default=ASSEMBLY)
    parser.add_argument("--option", action="append", default=[], metavar="KEY=VALUE", help="a setting of the server")
    parser.add_argument("--markdown", type=pathlib.Path)
    arguments = parser.parse_args()
    server = Server(arguments.server, arguments.devices * 8, arguments.option)
    rows, connections, lost, began = [], 0, 0, time.monotonic()
    try:
        while time.monotonic() - began < arguments.minutes * 60:
            for scenario, line in rounds(arguments.devices, arguments.rate):
                report = drive(server, scenario, *line)
                load = report["load"]
                connections += load["connections"] + load["hostileConnections"]
                lost += load["failed"] + load["lost"] + load["unanswered"]
                until = time.monotonic() + SETTLED
                while (open_now := metric(server, "fastgate_connections_open")) > 0 and time.monotonic() < until:
                    time.sleep(0.5)
                p99 = next((row["p99Ms"] for row in report["latencies"] if row["name"] == report["judgedLatency"]), None)
                rows.append((time.monotonic() - began, scenario, connections, load["failed"] + load["lost"] + load["unanswered"], p99,
                             *resident_mb(server), descriptors(server), int(open_now), int(metric(server, "fastgate_connections_registered"))))
                print("%6.0f s  %-6s %9d connections  %d lost  p99 %s ms  %.1f MB, %.1f anonymous, %.1f code  %d descriptors  %d open  %d registered"
                      % rows[-1], flush=True)
        ended = server.process.poll()
    finally:
        server.stop()

    third = max(1, len(rows) // 3)
    first, last = rows[third - 1:2 * third] or rows[:1], rows[-third:]
    growth, code, more = (min(row[column] for row in last) - min(row[column] for row in first) for column in (6, 7, 8))
    verdicts = [
        (lost == 0, f"devices lost: {lost}"),
        (ended is None, f"the server has ended: {ended}"),
        (all(row[9] == 0 and row[10] == 0 for row in rows), f"connections that remained after a round: {max(row[9] for row in rows)}"),
        (growth <= GROWTH_MB, f"growth of anonymous memory after the first third: {growth:.1f} MB, at most {GROWTH_MB}"),
        (code <= GROWTH_CODE_MB, f"growth of compiled code after the first third: {code:.1f} MB, at most {GROWTH_CODE_MB}"),
        (more <= GROWTH_DESCRIPTORS, f"growth of descriptors after the first third: {more}, at most {GROWTH_DESCRIPTORS}"),
    ]
    for held, text in verdicts:
        print("held  " if held else "MISSED", text)
    if arguments.markdown:
        table = "".join("| %.0f | %s | %d | %d | %s | %.1f | %.1f | %.1f | %d | %d | %d |\n" % row for row in rows)
        arguments.markdown.write_text("| s | round | connections so far | lost | p99, ms | resident, MB | anonymous, MB | code, MB | descriptors | open after it | registered |\n"
                                      "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n" + table + "\n" + "".join(f"- {text}\n" for _, text in verdicts))
    return 0 if all(held for held, _ in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
