#!/usr/bin/env python3
"""How much longer a command takes that is given to another node than the device's own.

    perf/cluster_command.py [--commands 1000] [--markdown FILE] [--server FastGate.dll]

Two gateways with one Redis; a device at the first one. Commands go to both nodes in turn, and the time from the request to the message at the device is taken. Needs redis-server and about half
a minute. Build the server first. Only loopback addresses are used.
"""

import argparse
import http.client
import json
import pathlib
import socket
import statistics
import tempfile
import time

from cluster_cost import SERVER, Server
from cluster_engines import Redis, free_port, wait_for
from drain import HELLO, read_until, upgrade

WARM_UP = 100


def text(payload):
    return bytes([0x81, 0x80 | len(payload)]) + bytes(4) + payload


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commands", type=int, default=1000, help="to each node")
    parser.add_argument("--markdown", type=pathlib.Path)
    parser.add_argument("--server", default=str(SERVER))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fastgate-command-") as folder:
        redis = Redis(folder)
        redis.start()
        admins = [free_port(), free_port()]
        nodes = [Server(folder, f"gw{i + 1}", arguments.server, {"Cluster:Redis": f"127.0.0.1:{redis.port}", "Cluster:Node": f"gw{i + 1}", "Admin:Listen": f"127.0.0.1:{port}"})
                 for i, port in enumerate(admins)]
        try:
            times = measure(nodes[0], [http.client.HTTPConnection("127.0.0.1", port, timeout=30) for port in admins], arguments.commands)
        finally:
            for child in (*nodes, redis):
                child.stop()

    rows = [(side, *(statistics.quantiles(values, n=100)[at] * 1e3 for at in (49, 89, 98)), max(values) * 1e3) for side, values in zip(("own node", "other node"), times)]
    for row in rows:
        print("%-10s  p50 %.2f  p90 %.2f  p99 %.2f  max %.2f ms" % row)
    if arguments.markdown:
        arguments.markdown.write_text("| node | p50, ms | p90 | p99 | max |\n| --- | --- | --- | --- | --- |\n" + "".join("| %s | %.2f | %.2f | %.2f | %.2f |\n" % row for row in rows))


def measure(node, clients, count):
    with socket.create_connection(("127.0.0.1", node.port), timeout=30) as device:
        device.sendall(upgrade(1) + text(HELLO))
        read_until(device, b'"session_id"')
        wait_for(lambda: post(clients[1], -1) < 300, "the other node knows the device")
        times = [], []
        for number in range(WARM_UP + count):
            for client, found in zip(clients, times):
                began = time.perf_counter()
                client.request("POST", "/api/v1/devices/02:00:00:00:00:01/commands", body(number), {"Content-Type": "application/json"})
                read_until(device, b'"number":%d' % number)
                if number >= WARM_UP:
                    found.append(time.perf_counter() - began)
                reply = client.getresponse()
                reply.read()
                if reply.status >= 300:
                    raise SystemExit(f"a command was refused: {reply.status}")
        return times


def body(number):
    return json.dumps({"raw": {"type": "system", "number": number}}, separators=(",", ":"))


def post(client, number):
    client.request("POST", "/api/v1/devices/02:00:00:00:00:01/commands", body(number), {"Content-Type": "application/json"})
    reply = client.getresponse()
    reply.read()
    return reply.status


if __name__ == "__main__":
    main()
