#!/usr/bin/env python3
"""Measures what devices notice while one address attacks a server, and what a refused connect costs.

    perf/limits.py [--server FastGate.dll] [--seconds 2.5] [--rounds 12] [--attacks connects,held,half-open,flapping,tokens] [--markdown FILE]

Starts one server with authentication, whose limits also apply to loopback, and 40 devices that ping. Each attack first runs until the server has compiled
the code that it needs. Then phases follow in an order that changes: quiet, attack, and control, in which the same attack goes to a socket whose connects the
kernel drops. The attacks come from other loopback addresses. The attacker (limits_attack.c) has the second processor. The server and the process that
measures share the first: one waits while the other works, and the attacker's system calls delay neither. A real-time priority gives the measuring process the
processor at once; without the right to set priorities the times are noisy:

connects    20,000 connects over each phase, each closed at once
held        20,000 connects over each phase, each kept open without a request
half-open   5,000 connections over each phase that send half a request and wait
flapping    200 devices with signed tokens that connect again and again, 20,000 times a second
tokens      10,000 upgrades with wrong tokens a second

A ratio is the p99 of the attacked phase of a round over that of its quiet phase, or over that of its control, which shows what the attacker takes of the
machine whatever the server does; the median of all rounds counts, so that one phase in which the machine stood still does not decide. It has a bootstrap
interval of 95 % whose unit is a round. The target is met when the whole interval is below 1.10, not met
when it is above, else not decided; and the attack is too slow when the machine made less than nine tenths of it. The last table compares the processor
time of a refused connect with that of a C program that accepts and closes. Needs gcc, 12,000 descriptors, two processors and fifteen minutes.
"""

import argparse
import base64
import gc
import hashlib
import hmac
import itertools
import math
import os
import pathlib
import random
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import attacks

KEY = b"perf-limits-key"
DEVICES = 40
CONNECTS = 20_000
HALF_OPEN = 5_000
FLAPPING = 200
FLAPS_PER_SECOND = 20_000
TOKENS_PER_SECOND = 10_000
IN_FLIGHT = 1_024  # an attacker gives up a connect without an answer after 20 ms: 50,000 a second
GOOD, ATTACKER = "127.0.1.{}", "127.0.2.{}"
PAUSE = 0.0005  # between two pings
SETTLE = 0.2  # seconds that belong to no phase
MOST_WARM_UPS = 40
LAST_WARM_UPS = 3
COMPILED = 0.01  # share of a processor that the compiler's threads use at most in each of the last warm-ups
TARGET = 1.10
COST_ROUNDS = 5
RESAMPLES = 2_000
STEP = math.log(1.01)  # times are counted in steps of one per cent


def token(device, client):
    at = str(int(time.time()))
    mac = hmac.new(KEY, f"{client}|{device}|{at}".encode(), hashlib.sha256).digest()
    return f"{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}.{at}"


def request(device, bearer):
    return attacks.REQUEST.format(device, device).replace("\r\n\r\n", f"\r\nAuthorization: Bearer {bearer}\r\n\r\n").encode()


class Device(attacks.Device):
    """A device with a right token at an address of its own."""

    def __init__(self, port, name, source):
        self.socket = socket.create_connection(("127.0.0.1", port), 10, (source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.socket.sendall(request(name, token(name, name)))
        while b"\r\n\r\n" not in self.received:
            self.receive()
        head, _, self.received = self.received.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101 "):
            raise ConnectionError(head.split(b"\r\n")[0].decode("ascii", "replace"))


class Server(attacks.Server):
    """On the first processor, with a process that measures; attackers have the second one."""

    def __init__(self, assembly):
        self.assembly, self.directory = assembly, tempfile.TemporaryDirectory(prefix="fastgate-limits-")
        self.log = pathlib.Path(self.directory.name, "log")
        options = {"Auth:Enabled": "true", "Auth:Key": KEY.decode(), "Devices:Rates:Exempt:0": "192.0.2.1", "Memory:Provider": "None"}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                ["dotnet", assembly, *(f"--FastGate:{name}:Listen=127.0.0.1:0" for name in ("Devices", "Http", "Admin")),
                 *(f"--FastGate:{key}={value}" for key, value in options.items())],
                cwd=self.directory.name, stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=as_server)
        self.devices, self.http, self.admin = (self.port(name) for name in ("devices: ws", "http: http", "admin: http"))

    def compiling_seconds(self):
        """Processor time of the threads that compile methods again; such a thread ends when it has nothing to do."""
        used = 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                if "Tiered" in (task / "comm").read_text():
                    used += int((task / "schedstat").read_text().split()[0]) / 1e9
            except OSError:
                pass
        return used

    def resident_mb(self):
        return int(self.read("statm").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def metrics(self, *names):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics", timeout=10) as reply:
            lines = reply.read().decode().splitlines()
        return {line.rpartition(" ")[0]: int(float(line.rpartition(" ")[2])) for line in lines if line.startswith(names)}


def prioritise(policy, priority=0):
    try:
        os.sched_setscheduler(0, policy, os.sched_param(priority))
    except PermissionError:
        pass


def as_server():
    prioritise(os.SCHED_OTHER)
    os.sched_setaffinity(0, {0})
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -5)
    except PermissionError:
        pass


def as_attacker():
    os.sched_setaffinity(0, {1})
    prioritise(os.SCHED_OTHER)


class Attacker:
    """A running attack. COUNT, RATE, IN_FLIGHT, HOLD and the requests are those of limits_attack.c."""

    def __init__(self, program, port, source, count, rate, in_flight, hold, requests=b""):
        with tempfile.TemporaryFile() as file:
            file.write(requests)
            file.seek(0)
            self.process = subprocess.Popen([program, *map(str, (port, source, count, rate, in_flight, hold))], stdin=file, stdout=subprocess.PIPE,
                                            text=True, preexec_fn=as_attacker)

    def end(self, wait=False):
        """The numbers of connects that it has made, and of those that had no answer."""
        if not wait:
            self.process.terminate()
        made, unanswered = map(int, (self.process.communicate()[0] or "0 0").split())
        return made, unanswered


def attack(name, program, port, seconds):
    if name == "connects":
        return Attacker(program, port, ATTACKER.format(1), CONNECTS, CONNECTS / seconds, IN_FLIGHT, 0)
    if name == "held":
        return Attacker(program, port, ATTACKER.format(5), CONNECTS, CONNECTS / seconds, CONNECTS, 1)
    if name == "half-open":
        return Attacker(program, port, ATTACKER.format(2), HALF_OPEN, HALF_OPEN / seconds, HALF_OPEN, 1, b"GET /xiaozhi/v1/ HTTP/1.1\r\nHost: ")
    if name == "flapping":
        requests = [request(f"flap-{i}", token(f"flap-{i}", f"flap-{i}")) for i in range(FLAPPING)]
        return Attacker(program, port, ATTACKER.format(3), 0, FLAPS_PER_SECOND, IN_FLIGHT, 0, b"".join(requests))
    return Attacker(program, port, ATTACKER.format(4), 0, TOKENS_PER_SECOND, IN_FLIGHT, 0, request("guess", "a" * 43 + ".1700000000"))


ATTACKS = ("connects", "held", "half-open", "flapping", "tokens")
QUIET, ATTACKED, CONTROL = range(3)
ORDERS = tuple(itertools.permutations((QUIET, ATTACKED, CONTROL)))


def ping(devices, seconds):
    """Times of single pings, evenly over the phase, and the number of devices that are lost."""
    times, lost, until = [], 0, time.monotonic() + seconds
    while time.monotonic() < until:
        for device in list(devices):
            try:
                times.append(device.ping())
            except OSError:
                devices.remove(device)
                lost += 1
            time.sleep(PAUSE)
    return times, lost


def counted(times):
    """How often each time occurs, in steps of one per cent."""
    counts = {}
    for one in times:
        step = int(math.log(one * 1e6) / STEP)
        counts[step] = counts.get(step, 0) + 1
    return counts


def percentile(phases, share):
    """Milliseconds, of the counts of several phases together."""
    counts = {}
    for phase in phases:
        for step, times in phase.items():
            counts[step] = counts.get(step, 0) + times
    left = sum(counts.values()) * share
    for step in sorted(counts):
        left -= counts[step]
        if left <= 0:
            break
    return math.exp((step + 0.5) * STEP) / 1e3


def ratio(rounds, base):
    return statistics.median(percentile([phases[ATTACKED]], 0.99) / percentile([phases[base]], 0.99) for phases in rounds)


def verdict(rounds, base, is_fast):
    """The ratio with the middle 95 % of the ratios of resampled rounds, and what that says about the target."""
    draw = random.Random(1)
    ratios = sorted(ratio(draw.choices(rounds, k=len(rounds)), base) for _ in range(RESAMPLES))
    low, high = ratios[RESAMPLES // 40], ratios[-RESAMPLES // 40]
    said = "attack too slow" if not is_fast else "met" if high <= TARGET else "not met" if low > TARGET else "not decided"
    return f"{ratio(rounds, base):.2f} ({low:.2f} to {high:.2f}): {said}"


def warm_up(program, server, name, devices, seconds):
    """Until the server runs the code that it will keep: a thread that compiles would take the processor from the loop that answers."""
    compiled = []
    while len(compiled) < MOST_WARM_UPS and not (len(compiled) >= LAST_WARM_UPS and max(compiled[-LAST_WARM_UPS:]) < COMPILED * seconds):
        before = server.compiling_seconds()
        attacker = attack(name, program, server.devices, seconds)
        ping(devices, seconds)
        attacker.end()
        time.sleep(SETTLE)
        compiled.append(server.compiling_seconds() - before)


def compare(program, server, control, name, devices, seconds, count):
    rounds, lost, made, unanswered, cpu, used = [], 0, 0, 0, 0.0, 0.0
    resident = []
    warm_up(program, server, name, devices, seconds)
    for turn in range(count):
        phases = {}
        for kind in ORDERS[turn % len(ORDERS)]:
            before, begun = server.cpu_seconds(), time.monotonic()
            attacker = attack(name, program, control if kind == CONTROL else server.devices, seconds) if kind != QUIET else None
            times, gone = ping(devices, seconds)
            attempts, without = attacker.end() if attacker else (0, 0)
            if kind == ATTACKED:
                made += attempts
                unanswered += without
                cpu += server.cpu_seconds() - before
                used += time.monotonic() - begun
                resident.append(server.resident_mb())
            phases[kind] = counted(times)
            lost += gone
            time.sleep(SETTLE)
        rounds.append(phases)
    offered = {"connects": CONNECTS, "held": CONNECTS, "half-open": HALF_OPEN, "flapping": FLAPS_PER_SECOND * seconds, "tokens": TOKENS_PER_SECOND * seconds}[name]
    times = [[percentile([phases[kind] for phases in rounds], share) for kind in (QUIET, ATTACKED, CONTROL)] for share in (0.5, 0.99, 0.999)]
    return [name, f"{made:,}", f"{made / used:,.0f}", f"{unanswered / made:.0%}", *("%.2f / %.2f / %.2f" % tuple(three) for three in times),
            *(verdict(rounds, base, made >= offered * count * 0.9) for base in (QUIET, CONTROL)), lost, f"{cpu / used:.2f}",
            f"{resident[0]:.0f} / {resident[-1]:.0f}"]


def cost(program, pid, port, count, source):
    """Microseconds of the process for each connect that it refuses."""
    def used():
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = used()
    Attacker(program, port, source, count, 0, IN_FLIGHT, 0).end(wait=True)
    time.sleep(SETTLE)
    return (used() - before) / count * 1e6


def costs(program, floor, port, server, rounds, count=40_000):
    address = ATTACKER.format(9)
    cost(program, server.process.pid, server.devices, 20_000, address)  # Uses up what may come at once.
    pairs = [(cost(program, floor, port, count, address), cost(program, server.process.pid, server.devices, count, address)) for _ in range(rounds)]
    return [sorted(values)[len(values) // 2] for values in zip(*pairs)]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--server", help="use this build instead of building")
    arguments.add_argument("--seconds", type=float, default=2.5, help="length of a phase")
    arguments.add_argument("--rounds", type=int, default=12, help="quiet, attacked and control phases of each attack")
    arguments.add_argument("--attacks", default=",".join(ATTACKS))
    arguments.add_argument("--markdown", help="write the tables to this file too")
    options = arguments.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # The server ends with the script.
    resource.setrlimit(resource.RLIMIT_NOFILE, resource.getrlimit(resource.RLIMIT_NOFILE)[1:] * 2)
    if not options.server:
        subprocess.run(["dotnet", "build", "-c", "Release", "-v", "q", "--nologo", attacks.ROOT / "src/FastGate"], check=True)
    os.sched_setaffinity(0, {0})
    prioritise(os.SCHED_FIFO, 1)
    lines = []

    def add(*cells):
        lines.append(f"| {' | '.join(map(str, cells))} |")
        print(lines[-1], flush=True)

    gc.disable()
    with tempfile.TemporaryDirectory() as directory, Server(str(pathlib.Path(options.server or attacks.ASSEMBLY).resolve())) as server:
        program, floor_program = (f"{directory}/{name}" for name in ("limits_attack", "limits_floor"))
        for one in (program, floor_program):
            source = attacks.ROOT / f"perf/{pathlib.Path(one).name}.c"
            subprocess.run(["gcc", "-O2", "-o", one, source], check=True)
        floors = [subprocess.Popen([floor_program, *drops], stdout=subprocess.PIPE, text=True, preexec_fn=as_server) for drops in ([], ["drop"])]
        try:
            accepting, control = (int(floor.stdout.readline()) for floor in floors)
            devices = [Device(server.devices, f"good-{i}", GOOD.format(i + 1)) for i in range(DEVICES)]
            ping(devices, 2)
            head = ["attack", "attempts", "a second", "dropped", "p50 quiet / attacked / control, ms", "p99, ms", "p99.9, ms", "p99 over quiet",
                    "p99 over control", "devices lost", "cores of the server", "RSS first / last round, MB"]
            add(*head)
            add(*["---"] * len(head))
            for name in options.attacks.split(","):
                add(*compare(program, server, control, name, devices, options.seconds, options.rounds))
            of_floor, refused = costs(program, floors[0].pid, accepting, server, COST_ROUNDS)
        finally:
            for floor in floors:
                floor.kill()
                floor.wait()
        lines.append("")
        add("processor time of a connect, µs", "accept and close in C", "refused by its address", "ratio")
        add(*["---"] * 4)
        add("", f"{of_floor:.2f}", f"{refused:.2f}", f"{refused / of_floor:.2f}")
        lines.append("")
        for metric, value in server.metrics("fastgate_limits_", "fastgate_transport_wait", "fastgate_transport_dropped").items():
            add(metric, value)
    if options.markdown:
        pathlib.Path(options.markdown).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
