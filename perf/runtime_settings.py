#!/usr/bin/env python3
"""Compares the runtime settings that the server ships with to alternatives.

    perf/runtime_settings.py [--rounds 3] [--seconds 3] [--only NAME ...] [--markdown FILE]
    WSLOAD=/path/to/wsload perf/runtime_settings.py ...

Each round starts a fresh server for each set of settings. They are environment variables, which override the settings of the project. The
generator is that of compare_floor.py. Figures are medians of the rounds. Run it on a quiet machine.
"""

import argparse
import os
import pathlib
import platform
import subprocess
import tempfile
import time

import compare_floor as floor

VARIANTS = {  # a number here is read as hexadecimal
    "as shipped": {},
    "concurrent collector": {"DOTNET_gcConcurrent": "1"},
    "server collector": {"DOTNET_gcServer": "1"},
    "without profile-guided code": {"DOTNET_TieredPGO": "0"},
    "without tiers": {"DOTNET_TieredCompilation": "0"},
    "pool workers spin, the runtime's default": {"DOTNET_ThreadPool_UnfairSemaphoreSpinLimit": "46"},
}
IDLE_SECONDS = 60  # the kernel counts CPU time in steps of 10 ms


class Gateway:
    def __init__(self, port, environment, *options):
        self.port = port
        self.folder = tempfile.TemporaryDirectory()
        command = ["taskset", "-c", "0", "dotnet", str(floor.SERVER), "--FastGate:Devices:EventLoops=1", *options]
        command += [f"--FastGate:{name}:Listen=127.0.0.1:{port + place}" for place, name in enumerate(["Devices", "Http", "Admin"])]
        self.process = subprocess.Popen(command, cwd=self.folder.name, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        floor.wait_for(lambda: floor.fetch(port + 1, "/health/ready"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.folder.cleanup()


def titles(generator):
    first, second = (f"{row[0]}: us" for row in generator.rows[:2])
    return ["CPU to ready, s", first, second, f"{first}, on Sockets", "MB before devices", "bytes a device", "idle, % of a core"]


def ping(generator, gateway, row, seconds):
    _, _, _, _, mode, arguments, figure = row
    return generator.take(mode, gateway.port, gateway.pid, False, arguments, figure, seconds)


def measure(generator, environment, seconds):
    with Gateway(28100, environment) as gateway:
        ready = floor.cpu_seconds(gateway.pid)
        for row in generator.rows[:2]:
            ping(generator, gateway, row, 2)  # so that all code is compiled
        pings = [ping(generator, gateway, row, seconds) for row in generator.rows[:2]]
        floor.registered(gateway.port)
        time.sleep(15)
        before = floor.resident(gateway.pid)
        fleet = generator.hold(gateway.port, gateway.pid, 15 + IDLE_SECONDS)
        floor.wait_for(lambda: floor.registered(gateway.port) == floor.DEVICES or floor.raise_not_ready())
        time.sleep(5)
        started, began = floor.cpu_seconds(gateway.pid), time.monotonic()
        time.sleep(IDLE_SECONDS)
        idle = (floor.cpu_seconds(gateway.pid) - started) / (time.monotonic() - began)
        device = (generator.resident_end(generator.finish(fleet)) - before) / floor.DEVICES
    with Gateway(28200, environment, "--FastGate:Devices:Transport=Sockets") as gateway:
        ping(generator, gateway, generator.rows[0], 2)
        sockets = ping(generator, gateway, generator.rows[0], seconds)
    return [ready, *pings, sockets, before / 1e6, device, idle * 100]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=3)
    options.add_argument("--only", nargs="+", choices=VARIANTS, default=list(VARIANTS), metavar="NAME", help=f"some of: {', '.join(VARIANTS)}")
    options.add_argument("--markdown", type=pathlib.Path)
    chosen = options.parse_args()
    if chosen.markdown:
        chosen.markdown.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["dotnet", "build", "-c", "Release", str(floor.DRIVER)], check=True, stdout=subprocess.DEVNULL)
    taken = {name: [] for name in chosen.only}
    with tempfile.TemporaryDirectory() as folder:
        wsload = os.environ.get("WSLOAD")
        generator = floor.Wsload(wsload) if wsload else floor.LoadTest(folder)
        for number in range(1, chosen.rounds + 1):
            for name in chosen.only:
                taken[name].append(measure(generator, VARIANTS[name], chosen.seconds))
                print(f"round {number}: {name}: " + ", ".join(f"{title} {value:.2f}" for title, value in zip(titles(generator), taken[name][-1])), flush=True)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=floor.ROOT, capture_output=True, text=True).stdout.strip()
    lines = [f"commit {commit}, {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
             f"generator {generator.name}, {chosen.rounds} rounds of {chosen.seconds} s, medians (least-most)", "",
             "| settings | " + " | ".join(titles(generator)) + " |", "| --- |" + " --- |" * len(titles(generator))]
    for name, rounds in taken.items():
        columns = list(zip(*rounds))
        lines.append(f"| {name} | " + " | ".join(floor.spread(values, 0 if place == 5 else 2) for place, values in enumerate(columns)) + " |")
    print("\n" + "\n".join(lines))
    if chosen.markdown:
        chosen.markdown.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
