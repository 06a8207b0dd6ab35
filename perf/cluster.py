#!/usr/bin/env python3
"""A cluster at size, judged from the side of its devices: three gateways, Redis, PostgreSQL and HAProxy with the published configuration.

    perf/cluster.py [--devices 15000] [--acts kill,move,partition,redis-hangs,redis-dies,postgres-hangs] [--json FILE] [--markdown FILE] [--server FastGate.dll]

All devices ping, some have one turn after the other, and an operator sends numbered commands through the first node. Meanwhile
    kill            the third node gets SIGKILL, and starts again at the end
    move            a tenth of the devices connects again without ending the former connection
    partition       the second node does not reach Redis, for longer than its lease; devices move meanwhile
    redis-hangs     Redis gets SIGSTOP; devices move meanwhile
    redis-dies      Redis gets SIGKILL and starts without data; devices move meanwhile
    postgres-hangs  PostgreSQL gets SIGSTOP under turns
Every act ends with lines of what was held and MISSED; the exit status is 1 when something was missed. Needs redis-server, postgresql and haproxy, 20,000
descriptors for each process, and about two minutes and the time of the outages (--outage). Only loopback addresses are used. Build the server first.
"""

import argparse
import json
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from cluster_engines import ROOT, Balancer, Link, Node, Postgres, Redis
from cluster_fleet import Fleet

ASSEMBLY = ROOT / "src/FastGate/bin/Release/net10.0/FastGate.dll"
NAMES = ("gw1", "gw2", "gw3")
RECONCILED = 10  # seconds after the return of an engine


class Operator:
    """Sends numbered commands to random devices while it is entered, and asks afterwards what became of them."""

    def __init__(self, node, fleet, rate):
        self.node, self.fleet, self.rate, self.number, self.sent, self.ended, self.thread = node, fleet, rate, 0, {}, threading.Event(), None

    def __enter__(self):
        self.sent, self.ended = {}, threading.Event()
        self.thread = threading.Thread(target=self.send, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def send(self):
        while not self.ended.wait(1 / self.rate):
            self.number += 1
            device = self.fleet.random.choice(self.fleet.devices)
            began = time.monotonic()
            try:
                status, answer = self.node.request("POST", f"devices/{device.id}/commands", {"raw": {"type": "system", "number": self.number}, "ttl": 600})
            except OSError as error:
                status, answer = 0, {"detail": str(error)}
            self.sent[self.number] = (status, answer.get("id"), time.monotonic() - began)

    def outcome(self):
        """How many ended in which way, and what must not be."""
        # The devices read what has been sent to the end.
        self.fleet.run(1)
        counts, twice, silent = {}, 0, 0
        for number, (status, identity, _) in self.sent.items():
            received = self.fleet.numbers.get(number, 0)
            twice += received > 1
            state = str(status)
            if status == 202:
                asked, answer = self.node.request("GET", f"commands/{identity}")
                state = answer["state"] if asked == 200 else "state unknown"
            silent += state == "acknowledged" and received == 0
            name = "received" if received else f"not received: {state}"
            counts[name] = counts.get(name, 0) + 1
        return {"commands": len(self.sent), **counts}, twice, silent


class Run:
    def __init__(self, arguments, folder):
        self.arguments, self.acts, self.missed = arguments, [], 0
        limit = arguments.devices + 1_000
        self.redis, self.postgres = Redis(folder), Postgres(folder)
        self.children = [self.redis, self.postgres]
        self.redis.start()
        self.postgres.start()
        self.links = [Link(folder, name, self.redis.port) for name in NAMES]
        self.nodes = [Node(folder, name, arguments.server, link, self.postgres, limit) for name, link in zip(NAMES, self.links)]
        self.children += self.links + self.nodes
        for node in self.nodes:
            node.start()
        self.balancers = [Balancer(folder, number, self.nodes, arguments.devices * 6 // 10 + 200) for number in range(2)]
        self.children += self.balancers
        self.fleet = Fleet([balancer.port for balancer in self.balancers], arguments.devices, arguments.talkers, arguments.ping_every, arguments.turn_every,
                           arguments.reconnect, arguments.outage)
        self.operator = Operator(self.nodes[0], self.fleet, arguments.commands)
        self.everything = [device.id for device in self.fleet.devices]

    def stop(self):
        for child in reversed(self.children):
            child.stop()

    # What is asked of the nodes and the engines

    def complete(self):
        return len(self.fleet.ready) == len(self.fleet.devices)

    def claimed(self, ids=None):
        return all(self.redis.owners(ids or self.everything, NAMES))

    def held(self):
        """Registered devices of all nodes. Each node has a device once at most, and every device has a connection: more than the devices means one is held twice."""
        return sum(node.metric("fastgate_connections_registered") or 0 for node in self.nodes)

    def single(self):
        return self.complete() and all(len(device.connections) == 1 for device in self.fleet.devices) and self.held() == len(self.fleet.devices)

    def together(self):
        return all(node.metric("fastgate_cluster_local_only") == 0 and node.metric("fastgate_cluster_waiting") == 0 for node in self.nodes)

    def unsaved(self, turns):
        stored = self.postgres.query("SELECT user_text, count(*) FROM fastgate_turns GROUP BY user_text")
        counts = {text: int(count) for text, _, count in (line.rpartition("|") for line in stored)}
        return [turn for turn in turns if turn not in counts], [text for text, count in counts.items() if count > 1]

    def saved_after(self, turns, began):
        """Seconds until PostgreSQL has all of them; asked on a thread, because the devices must not wait."""
        found = []

        def ask():
            while time.monotonic() - began < 60:
                if not self.unsaved(turns)[0]:
                    found.append(time.monotonic() - began)
                    return
                time.sleep(0.2)

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        self.fleet.run(62, until=lambda: not asking.is_alive())
        return found[0] if found else None

    # Acts

    def act(self, name, run):
        fleet = self.fleet
        fleet.pings, fleet.closed, fleet.late, fleet.cut, fleet.refused = [], [], [], [], 0
        turns = set(fleet.turns)
        began = time.monotonic()
        figures, checks = run()
        times = sorted(ms for _, ms in fleet.pings) or [0]
        figures = {"act": name, "seconds": round(time.monotonic() - began, 1), "pings": len(fleet.pings), "ping p50 ms": round(statistics.median(times), 2),
                   "ping p99 ms": round(times[len(times) * 99 // 100], 1), "turns": len(set(fleet.turns) - turns), "connects refused": fleet.refused, **figures}
        self.acts.append({**figures, "checks": [{"held": bool(held), "what": what} for held, what in checks]})
        self.missed += sum(1 for held, _ in checks if not held)
        print(f"\n{name}: " + ", ".join(f"{key} {value}" for key, value in figures.items() if key != "act"), flush=True)
        for held, what in checks:
            print(f"  {'held  ' if held else 'MISSED'} {what}", flush=True)

    def ramp(self):
        fleet = self.fleet
        began = time.monotonic()
        fleet.start(self.arguments.ramp)
        all_in = fleet.run(60 + len(fleet.devices) / self.arguments.ramp, until=self.complete)
        connected = time.monotonic() - began
        known = fleet.run(10, until=self.claimed)
        after = time.monotonic() - began - connected
        with self.operator:
            fleet.run(self.arguments.calm)
        counts, twice, silent = self.operator.outcome()
        shares = [int(node.metric("fastgate_connections_registered")) for node in self.nodes]
        return {"connected s": round(connected, 1), "devices of the nodes": shares, **counts}, [
            (all_in, f"all {len(fleet.devices)} devices connect through HAProxy"),
            (known, f"all are claimed in Redis {after:.1f} s later"),
            (not fleet.closed and not fleet.late, f"{len(fleet.closed)} devices closed, {len(fleet.late)} answers late"),
            (twice == 0 and silent == 0, f"{twice} commands twice, {silent} acknowledged but not received")]

    def kill(self):
        fleet, victim, limit = self.fleet, self.nodes[2], self.arguments.reconnect
        with self.operator:
            fleet.run(3)
            moment = time.monotonic()
            victim.kill()
            fleet.run(1)
            affected = [device for _, device, _, _ in fleet.closed]
            back = fleet.run(60, until=self.complete)
            last = max((device.back for device in affected), default=moment) - moment
            alone = max((device.back - device.asked_back for device in affected), default=0)
            known = fleet.run(10, until=lambda: self.claimed([device.id for device in affected]))
            claimed = time.monotonic() - moment - last
            fleet.run(max(0.0, 1 - claimed))
            single = self.single()
            fleet.run(3)
        victim.start()
        fleet.run(5)
        counts, twice, silent = self.operator.outcome()
        lost, doubled = self.unsaved(set(fleet.turns))
        return {"devices of the node": len(affected), "turns cut": len(fleet.cut), "turns of the node's last second that are not stored": len(lost), **counts}, [
            (back and last < limit + 1, f"the last device is back after {last:.2f} s; a device waits up to {limit:g} s before it connects; a connect with hello took {alone:.2f} s at most"),
            (known and claimed < 1, f"all are claimed {claimed:.2f} s after the last one is back"),
            (single, "no device is held twice 1 s after the last one is back"),
            (len(fleet.closed) == len(set(affected)), f"{len(fleet.closed) - len(set(affected))} devices of other nodes closed"),
            (twice == 0 and silent == 0, f"{twice} commands twice, {silent} acknowledged but not received; the others were reported"),
            (not doubled, f"{len(doubled)} turns stored twice")]

    def again(self, devices):
        """A second connection of each device; through the balancer, so usually at another node."""
        now = time.monotonic()
        for index, device in enumerate(devices):
            self.fleet.at(now + index / self.arguments.ramp, self.fleet.connect, device)
        return self.fleet.run(30 + len(devices) / self.arguments.ramp, until=lambda: all(device.back > now for device in devices))

    def move(self):
        fleet, devices = self.fleet, self.fleet.devices[::10]
        with self.operator:
            connected = self.again(devices)
            moment = time.monotonic()
            single = fleet.run(10, until=lambda: self.held() == len(fleet.devices))
            seconds = time.monotonic() - moment
            closed = fleet.run(10, until=self.single)
            seconds_closed = time.monotonic() - moment
            fleet.run(2)
        counts, twice, silent = self.operator.outcome()
        ends = {}
        for _, _, status, newer in fleet.closed:
            ends[f"{status}{'' if newer else ' without a newer one'}"] = ends.get(f"{status}{'' if newer else ' without a newer one'}", 0) + 1
        return {"moved": len(devices), "former connections closed with": ends, **counts}, [
            (connected and single and seconds < 1, f"no device is held twice {seconds:.2f} s after the last connect"),
            (closed, f"the last former connection is closed {seconds_closed:.1f} s after it: it stays open for 1.5 s to read its message"),
            (all(newer for _, _, _, newer in fleet.closed) and len(fleet.closed) == len(devices), f"{len(fleet.closed)} former connections closed, no newer one"),
            (self.claimed(), "all devices are claimed"),
            (twice == 0 and silent == 0, f"{twice} commands twice, {silent} acknowledged but not received")]

    def outage(self, seconds, begin, end, moved=0):
        """An engine is away for some time; devices move meanwhile, and are held twice until it is back."""
        fleet = self.fleet
        with self.operator:
            fleet.run(2)
            begin()
            away = time.monotonic()
            fleet.run(seconds / 2)
            if moved:
                self.again(fleet.devices[7::len(fleet.devices) // moved])
            fleet.run(max(0.0, away + seconds - time.monotonic()))
            known_lonely = [node.name for node in self.nodes if node.metric("fastgate_cluster_local_only") == 1]
            twice_held = int(self.held()) - len(fleet.devices)
            turns = set(fleet.turns)
            waiting = sum(node.metric("fastgate_memory_pending") or 0 for node in self.nodes)
            end()
            back = time.monotonic()
            whole = fleet.run(RECONCILED * 3, until=lambda: self.together() and self.single() and self.claimed())
            seconds_whole = time.monotonic() - back
            saved = self.saved_after(turns, back)
        counts, twice, silent = self.operator.outcome()
        lost, doubled = self.unsaved(set(turns))
        wrong = [status for _, _, status, newer in fleet.closed if not newer]
        return {"away s": seconds, "moved": moved, "nodes that worked alone": known_lonely, "devices held twice meanwhile": twice_held,
                "turns in the journals at the return": int(waiting), **counts}, [
            (not wrong, f"{len(wrong)} devices closed; {len(fleet.closed)} former connections replaced"),
            (not fleet.late and not fleet.cut, f"{len(fleet.late)} answers late, {len(fleet.cut)} turns cut"),
            (whole and seconds_whole < RECONCILED, f"every device has one connection and one claim {seconds_whole:.1f} s after the return"),
            (saved is not None and saved < RECONCILED and not lost, f"all {len(turns)} turns are in PostgreSQL {'not at all' if saved is None else f'{saved:.1f} s'} after the return"),
            (not doubled, f"{len(doubled)} turns stored twice"),
            (twice == 0 and silent == 0, f"{twice} commands twice, {silent} acknowledged but not received")]

    def all_acts(self):
        link, few, away = self.links[1], max(20, len(self.fleet.devices) // 100), self.arguments.outage
        return {
            "kill": self.kill,
            "move": self.move,
            "partition": lambda: self.outage(20, link.freeze, link.thaw, few),
            "redis-hangs": lambda: self.outage(away, self.redis.freeze, self.redis.thaw, few),
            "redis-dies": lambda: self.outage(away, self.redis.kill, self.redis.start, few),
            "postgres-hangs": lambda: self.outage(away, self.postgres.freeze, self.postgres.thaw),
        }


def text_of(run, arguments):
    commit = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    lines = [f"Command: `perf/cluster.py {' '.join(sys.argv[1:])}`, commit {commit}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
             f"load average {os.getloadavg()[0]:.1f} at the end.", ""]
    for act in run.acts:
        lines += [f"## {act['act']}", "", ", ".join(f"{key} {value}" for key, value in act.items() if key not in ("act", "checks")) + ".", "", "| | judged |", "| --- | --- |",
                  *(f"| {'held' if check['held'] else '**MISSED**'} | {check['what']} |" for check in act["checks"]), ""]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=15_000)
    parser.add_argument("--talkers", type=int, default=1_000, help="devices that have turns")
    parser.add_argument("--ping-every", type=float, default=15)
    parser.add_argument("--turn-every", type=float, default=10)
    parser.add_argument("--reconnect", type=float, default=5, help="longest time after which a device connects again; the shortest is a tenth of it")
    parser.add_argument("--ramp", type=float, default=1_000, help="connects a second")
    parser.add_argument("--calm", type=float, default=15, help="seconds before the first act")
    parser.add_argument("--commands", type=float, default=20, help="commands a second")
    parser.add_argument("--outage", type=float, default=60)
    parser.add_argument("--acts", default="kill,move,partition,redis-hangs,redis-dies,postgres-hangs")
    parser.add_argument("--server", default=str(ASSEMBLY))
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--markdown", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path, help="an existing folder for logs and data instead of a temporary one")
    arguments = parser.parse_args()
    arguments.server = os.path.abspath(arguments.server)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="fastgate-cluster-", dir=arguments.keep, ignore_cleanup_errors=True) as folder:
        run = Run(arguments, folder)
        try:
            run.act("ramp", run.ramp)
            acts = run.all_acts()
            for name in arguments.acts.split(","):
                run.act(name, acts[name])
        finally:
            run.stop()
            if arguments.json:
                arguments.json.write_text(json.dumps({"arguments": vars(arguments), "acts": run.acts}, indent=1, default=str) + "\n")
            if arguments.markdown:
                arguments.markdown.write_text(text_of(run, arguments))
            if arguments.keep:
                for child in run.children:
                    (arguments.keep / child.log.name).write_bytes(child.log.read_bytes())
    sys.exit(1 if run.missed else 0)


if __name__ == "__main__":
    main()
