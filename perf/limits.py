#!/usr/bin/env python3
"""Measures what devices notice while one address attacks a server, and what a refused connect costs.

    perf/limits.py [--server FastGate.dll] [--seconds 5] [--rounds 4] [--markdown FILE]

Starts one server with authentication, whose limits also apply to loopback, and 40 devices that ping. Quiet phases and phases of an attack alternate.
The attacks come from other loopback addresses. The process that measures has a real-time priority and the attacker runs when nothing else does, so that the
times are those of the server and not of a client that waits for its processor; without the right to set priorities they are noisy:

connects    20,000 connects a round, each closed when the server has answered or refused it
half-open   5,000 connections that send half a request and wait
flapping    200 devices with signed tokens that connect again and again
tokens      upgrades with wrong tokens, as many as the process can make, up to 10,000 a second

The last table compares the processor time of a refused connect with a C program that accepts and closes. Needs gcc, 12,000 descriptors and two minutes.
"""

import argparse
import base64
import hashlib
import hmac
import multiprocessing
import os
import pathlib
import resource
import signal
import socket
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
TOKENS_PER_SECOND = 10_000
GOOD, ATTACKER = "127.0.1.{}", "127.0.2.{}"
FLOOR = r"""
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), epoll = epoll_create1(0), accepted;
    bind(listener, (void *)&address, sizeof address);
    listen(listener, 4096);
    getsockname(listener, (void *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        while ((accepted = accept4(listener, (void *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) close(accepted);
        epoll_wait(epoll, &event, 1, -1);
    }
}
"""


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
    """The first processor is the server's alone; clients have the second one."""

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


def open_connect(port, source):
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    one.bind((source, 0))
    one.connect(("127.0.0.1", port))
    return one


def exchange(port, source, data):
    """One upgrade with its answer, then the end."""
    try:
        with open_connect(port, source) as one:
            one.settimeout(2)
            one.sendall(data)
            one.recv(4096)
    except OSError:
        pass  # Refused.


def attack_connects(port, stop, done):
    for _ in range(CONNECTS):
        if stop.is_set():
            break
        try:
            open_connect(port, ATTACKER.format(1)).close()
        except OSError:
            pass
        done.value += 1


def attack_half_open(port, stop, done):
    held = []
    for _ in range(HALF_OPEN):
        try:
            held.append(open_connect(port, ATTACKER.format(2)))
            held[-1].sendall(b"GET /xiaozhi/v1/ HTTP/1.1\r\nHost: ")
        except OSError:
            pass
        done.value += 1
    stop.wait()
    for one in held:
        one.close()


def attack_flapping(port, stop, done):
    requests = [request(f"flap-{i}", token(f"flap-{i}", f"flap-{i}")) for i in range(FLAPPING)]
    while not stop.is_set():
        for data in requests:
            exchange(port, ATTACKER.format(3), data)
            done.value += 1


def attack_tokens(port, stop, done):
    data, begun = request("guess", "a" * 43 + ".1700000000"), time.monotonic()
    while not stop.is_set():
        exchange(port, ATTACKER.format(4), data)
        done.value += 1
        ahead = begun + done.value / TOKENS_PER_SECOND - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)


ATTACKS = {"connects": attack_connects, "half-open": attack_half_open, "flapping": attack_flapping, "tokens": attack_tokens}


def run_attack(attack, port, stop, done):
    os.sched_setaffinity(0, {1})
    prioritise(os.SCHED_IDLE)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    attack(port, stop, done)


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
            time.sleep(0.001)
    return times, lost


def percentiles(sample):
    sample = sorted(sample)
    return [sample[len(sample) * share // 1000] * 1e3 for share in (500, 990, 999)]


def compare(server, name, devices, seconds, rounds):
    quiet, under, lost, made, cpu = [], [], 0, 0, 0.0
    resident = []
    for _ in range(rounds):
        times, gone = ping(devices, seconds)
        quiet += times
        lost += gone
        stop, done = multiprocessing.Event(), multiprocessing.Value("q", 0, lock=False)
        attacker = multiprocessing.Process(target=run_attack, args=(ATTACKS[name], server.devices, stop, done))
        before = server.cpu_seconds()
        attacker.start()
        times, gone = ping(devices, seconds)
        stop.set()
        cpu += server.cpu_seconds() - before
        attacker.join()
        under += times
        lost += gone
        made += done.value
        resident.append(server.resident_mb())
    before, during = percentiles(quiet), percentiles(under)
    return [name, f"{made:,}", *(f"{a:.2f} / {b:.2f}" for a, b in zip(before, during)), f"{(during[1] / before[1] - 1) * 100:+.0f} %", lost,
            f"{cpu / rounds / seconds:.2f}", f"{resident[0]:.0f} / {resident[-1]:.0f}"]


def cost(pid, port, count, source):
    """Microseconds of the process for each connect that it refuses."""
    def used():
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = used()
    for _ in range(count):
        try:
            open_connect(port, source).close()
        except OSError:
            pass
    time.sleep(0.2)
    return (used() - before) / count * 1e6


def costs(server, rounds, count=40_000):
    with tempfile.TemporaryDirectory() as directory:
        source = pathlib.Path(directory, "floor.c")
        source.write_text(FLOOR)
        subprocess.run(["gcc", "-O2", "-o", f"{directory}/floor", source], check=True)
        floor = subprocess.Popen([f"{directory}/floor"], stdout=subprocess.PIPE, text=True, preexec_fn=as_server)
        try:
            port = int(floor.stdout.readline())
            address = ATTACKER.format(9)
            cost(server.process.pid, server.devices, 20_000, address)  # Uses up what may come at once.
            pairs = [(cost(floor.pid, port, count, address), cost(server.process.pid, server.devices, count, address)) for _ in range(rounds)]
        finally:
            floor.kill()
            floor.wait()
    return [sorted(values)[len(values) // 2] for values in zip(*pairs)]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--server", help="use this build instead of building")
    arguments.add_argument("--seconds", type=float, default=5)
    arguments.add_argument("--rounds", type=int, default=4)
    arguments.add_argument("--attacks", default=",".join(ATTACKS))
    arguments.add_argument("--markdown", help="write the tables to this file too")
    options = arguments.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # The server ends with the script.
    resource.setrlimit(resource.RLIMIT_NOFILE, resource.getrlimit(resource.RLIMIT_NOFILE)[1:] * 2)
    if not options.server:
        subprocess.run(["dotnet", "build", "-c", "Release", "-v", "q", "--nologo", attacks.ROOT / "src/FastGate"], check=True)
    os.sched_setaffinity(0, {1})
    prioritise(os.SCHED_FIFO, 1)
    lines = []

    def add(*cells):
        lines.append(f"| {' | '.join(map(str, cells))} |")
        print(lines[-1], flush=True)

    with Server(str(pathlib.Path(options.server or attacks.ASSEMBLY).resolve())) as server:
        devices = [Device(server.devices, f"good-{i}", GOOD.format(i + 1)) for i in range(DEVICES)]
        ping(devices, 2)
        head = ["attack", "attempts", "p50 quiet / attacked, ms", "p99, ms", "p99.9, ms", "p99 moves", "devices lost", "cores of the server", "RSS first / last round, MB"]
        add(*head)
        add(*["---"] * len(head))
        for name in options.attacks.split(","):
            add(*compare(server, name, devices, options.seconds, options.rounds))
        floor, refused = costs(server, options.rounds + 1)
        lines.append("")
        add("processor time of a connect, µs", "accept and close in C", "refused by its address", "ratio")
        add(*["---"] * 4)
        add("", f"{floor:.2f}", f"{refused:.2f}", f"{refused / floor:.2f}")
        lines.append("")
        for metric, value in server.metrics("fastgate_limits_", "fastgate_transport_wait").items():
            add(metric, value)
    if options.markdown:
        pathlib.Path(options.markdown).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
