#!/usr/bin/env python3
"""Runs every scenario of FastGate.LoadTest once, each with its own server, and writes the results.

    perf/record.py [--seconds 25] [--out perf/results] [--only ping,churn]

Builds driver and server; the server runs on core 0, the driver on core 1. Writes DATE-load-test.md, DATE-load-test.json with all reports,
and DATE-load-test-converse.html, the page of one run. Takes about six minutes. Run it on a quiet machine.
"""

import argparse
import json
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DRIVER = ROOT / "perf/FastGate.LoadTest"
PAGE = "converse"

SCENARIOS = {
    "hold": ["--devices", "10000", "--ramp", "2000", "--keepalive", "10s"],
    "ping": ["--devices", "1000", "--rate", "2000"],
    "converse": ["--devices", "300", "--rate", "20", "--speech", "2400ms", "--barge-in", "0.1"],
    "audio": ["--devices", "100", "--server-option", "FastGate:Devices:Echo=true"],
    "churn": ["--devices", "500", "--rate", "1000"],
    "storm": ["--devices", "5000", "--ramp", "2000", "--cut-after", "{cut}s"],
    "takeover": ["--devices", "500", "--rate", "100"],
    "abuse": ["--devices", "500", "--hostile", "300"],
}


def take(name, seconds, folder):
    report, page = folder / f"{name}.json", folder / f"{name}.html"
    command = ["taskset", "-c", "1", "dotnet", str(DRIVER / "bin/Release/net10.0/FastGate.LoadTest.dll"), name,
               *(option.format(cut=seconds / 5) for option in SCENARIOS[name]),
               "--duration", f"{seconds}s", "--warm-up", "6s", "--start-server", "--server-processors", "0", "--max-lost", "0",
               "--json", str(report), "--html", str(page)]
    finished = subprocess.run(command, capture_output=True, text=True)
    if finished.returncode == 2:
        sys.exit(f"{name}: {finished.stdout[-2000:]}{finished.stderr}")
    print(finished.stdout.split("\n\n", 1)[-1], flush=True)
    reports, html = (file.read_text().replace(f"{folder}/", "") for file in (report, page))
    return json.loads(reports), html


def number(value):
    return "-" if value is None else f"{value:,}"


def row(taken):
    load, server, driver = taken["load"], taken["server"], taken["driver"]
    judged = taken["connect"] if taken["judgedLatency"] == taken["connect"]["name"] else taken["latencies"][0]
    connecting = judged is taken["connect"]
    cost = server["cpuMicrosecondsPerConnection" if connecting else "cpuMicrosecondsPerOperation"]
    cells = [taken["scenario"], number(load["devices"]), number(load["operationsPerSecond"]),
             judged["name"], *(number(judged[key]) for key in ("p50Ms", "p99Ms", "p999Ms", "maxMs")),
             f"{number(cost)} a {'connection' if connecting else taken['operation']}", number(server["cpuPercent"]), number(server["residentMbPeak"]),
             number(server["residentBytesPerDevice"]), number(load["failed"] + load["lost"] + load["unanswered"]), number(driver["cpuPercent"]),
             "driver was the limit: " + "; ".join(driver["why"]) if driver["wasLimit"] else ""]
    return "| " + " | ".join(cells) + " |"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, default=25, help="length of the load of each scenario")
    options.add_argument("--out", type=pathlib.Path, default=ROOT / "perf/results")
    options.add_argument("--only", default=",".join(SCENARIOS), help="scenarios, separated by commas")
    chosen = options.parse_args()
    if unknown := set(chosen.only.split(",")) - set(SCENARIOS):
        options.error(f"--only: unknown scenario {', '.join(sorted(unknown))}; use some of {', '.join(SCENARIOS)}")
    chosen.out.mkdir(parents=True, exist_ok=True)
    subprocess.run(["dotnet", "build", "-c", "Release", str(DRIVER)], check=True, stdout=subprocess.DEVNULL)
    reports = []
    stem = chosen.out / f"{time.strftime('%Y-%m-%d')}-load-test"
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen.only.split(","):
            report, page = take(name, chosen.seconds, pathlib.Path(folder))
            reports.append(report)
            if name == PAGE:
                stem.with_name(f"{stem.name}-{PAGE}.html").write_text(page)
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    machine = reports[0]["machine"]
    heads = ["scenario", "devices", "operations a second", "latency from the scheduled instant", "p50, ms", "p99, ms", "p99.9, ms", "max, ms",
             "server CPU, us", "server CPU, % of a core", "server memory peak, MB", "bytes a device, growth by the load", "failed, lost, unanswered",
             "driver CPU, % of a core", ""]
    given = "".join(f" --{name} {value}" for name, value, default in
                    (("seconds", chosen.seconds, 25), ("only", chosen.only, ",".join(SCENARIOS))) if value != default)
    lines = ["# Load test, every scenario", "",
             f"Command: `perf/record.py{given}`, {time.strftime('%Y-%m-%d')}, commit {commit or 'unknown'}. Machine: {machine['cores']} cores {machine['processor']}, "
             f"{platform.system()} {platform.release()}, {machine['runtime']}. Server on core 0, driver on core 1, {chosen.seconds} s of load each, one run.", "",
             "| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads), *map(row, reports), "", "The commands:", "", "```",
             *(report["command"] for report in reports), "```"]
    stem.with_suffix(".md").write_text("\n".join(lines) + "\n")
    stem.with_suffix(".json").write_text(json.dumps(reports, ensure_ascii=False, indent=1) + "\n")
    print(f"written: {stem}.md, .json and the page of {PAGE}")


if __name__ == "__main__":
    main()
