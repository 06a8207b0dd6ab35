"""The processes of perf/cluster.py: gateways, Redis, PostgreSQL and HAProxy, each on ports of its own on the loopback."""

import glob
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BALANCER = ROOT / "deploy/cluster/haproxy.cfg"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def program(name, *places):
    found = shutil.which(name) or next((place for pattern in places for place in sorted(glob.glob(pattern))), None)
    if found is None:
        raise SystemExit(f"{name} is missing")
    return found


def wait_for(condition, what, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise SystemExit(f"not within {seconds} s: {what}")
        time.sleep(0.05)


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Child:
    """A process with its log. `freeze` stops it with its connections open: its peers get no answer until `thaw`."""

    def __init__(self, folder, name):
        self.folder, self.name, self.process = pathlib.Path(folder), name, None
        self.log = self.folder / f"{name}.log"

    def spawn(self, command, **options):
        with self.log.open("a") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, **options)

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()

    def cpu(self):
        """Seconds of a processor that the process has used."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Redis(Child):
    """A redis-server without persistence: after `kill` and `start` it has no data."""

    def __init__(self, folder):
        super().__init__(folder, "redis")
        self.port = free_port()

    def start(self):
        self.spawn([program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder),
                    "--maxmemory-policy", "noeviction"])
        wait_for(lambda: answers(self.port), "redis-server answers")

    def get(self, keys):
        """The values of keys."""
        values = []
        with socket.create_connection(("127.0.0.1", self.port), 10) as connected, connected.makefile("rb") as reader:
            for first in range(0, len(keys), 1000):
                some = keys[first:first + 1000]
                connected.sendall(f"*{len(some) + 1}\r\n$4\r\nMGET\r\n".encode() + b"".join(f"${len(key)}\r\n{key}\r\n".encode() for key in some))
                assert reader.readline() == f"*{len(some)}\r\n".encode()
                for _ in some:
                    size = int(reader.readline()[1:])
                    values.append(None if size < 0 else reader.read(size + 2)[:-2].decode())
        return values

    def owners(self, ids, nodes):
        """The node that has each device by a claim of its present life; None for a device without one."""
        lives = {name: (lease or "").split(" ")[0] for name, lease in zip(nodes, self.get([f"fastgate:node:{name}" for name in nodes]))}
        entries = [(entry or "0 0 - 0").split(" ") for entry in self.get([f"fastgate:d:{id}" for id in ids])]
        return [entry[2] if lives.get(entry[2]) == entry[3] else None for entry in entries]


class Postgres(Child):
    """A server of Debian's package; as root it runs as the user of the package."""

    def __init__(self, folder):
        super().__init__(folder, "postgres")
        self.port, self.data = free_port(), self.folder / "postgres"
        self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        self.binaries = pathlib.Path(program("initdb", "/usr/lib/postgresql/*/bin/initdb")).resolve().parent
        self.folder.chmod(0o777)
        subprocess.run([*self.user, str(self.binaries / "initdb"), "-D", str(self.data), "-U", "fastgate", "-A", "trust", "-E", "UTF8", "--locale=C"],
                       check=True, stdout=subprocess.DEVNULL, cwd=self.folder)
        self.options = f"Host=127.0.0.1;Port={self.port};Username=fastgate;Database=postgres"

    def start(self):
        self.spawn([*self.user, str(self.binaries / "postgres"), "-D", str(self.data), "-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}",
                    "-c", "unix_socket_directories="])
        wait_for(lambda: self.query("SELECT 1", check=False) == ["1"], "postgres answers")

    def query(self, sql, check=True):
        run = subprocess.run([str(self.binaries / "psql"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "fastgate", "-d", "postgres", "-At", "-c", sql],
                             capture_output=True, text=True, check=check)
        return run.stdout.splitlines()

    def everyone(self, number):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in (self.process.pid, *map(int, children)):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass  # a worker that has ended meanwhile

    def freeze(self):
        self.everyone(signal.SIGSTOP)

    def thaw(self):
        self.everyone(signal.SIGCONT)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.thaw()
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)


class Link(Child):
    """A proxy between one node and Redis. Frozen it is a partition: nothing arrives, and what was sent arrives late."""

    def __init__(self, folder, name, target):
        super().__init__(folder, f"link-{name}")
        self.port = free_port()
        configuration = self.folder / f"link-{name}.cfg"
        configuration.write_text(f"defaults\n mode tcp\n timeout connect 1h\n timeout client 1h\n timeout server 1h\n"
                                 f"listen redis\n bind 127.0.0.1:{self.port}\n server redis 127.0.0.1:{target}\n")
        self.spawn([program("haproxy", "/usr/sbin/haproxy"), "-db", "-f", str(configuration)])
        wait_for(lambda: answers(self.port), "the link listens")


class Balancer(Child):
    """HAProxy with the published configuration, of which only addresses are changed. A device takes two of its descriptors."""

    def __init__(self, folder, number, nodes, limit):
        super().__init__(folder, f"haproxy-{number}")
        self.port, self.http = free_port(), free_port()
        text = BALANCER.read_text().replace("maxconn 120000", f"maxconn {limit}")
        text = text.replace("bind :8000", f"bind 127.0.0.1:{self.port}").replace("bind :8003", f"bind 127.0.0.1:{self.http}")
        for node in nodes:
            for port, actual in ((8000, node.devices), (8003, node.http)):
                text = text.replace(f"{node.name} {node.name}:{port}", f"{node.name} 127.0.0.1:{actual} check port {node.http}")
        configuration = self.folder / f"haproxy-{number}.cfg"
        configuration.write_text(text)
        self.spawn([program("haproxy", "/usr/sbin/haproxy"), "-db", "-f", str(configuration)])
        wait_for(lambda: answers(self.port), "haproxy listens")


class Node(Child):
    """A gateway of the cluster; it starts again with its name, ports and files."""

    def __init__(self, folder, name, assembly, link, postgres, limit):
        super().__init__(folder, name)
        self.devices, self.http, self.admin = free_port(), free_port(), free_port()
        home = self.folder / name
        home.mkdir()
        self.home = home
        options = {"Devices:Listen": f"127.0.0.1:{self.devices}", "Http:Listen": f"127.0.0.1:{self.http}", "Admin:Listen": f"127.0.0.1:{self.admin}",
                   "Devices:MaxConnections": limit, "Cluster:Redis": f"127.0.0.1:{link.port}", "Cluster:Node": name,
                   "Memory:Provider": "postgres", "Memory:ConnectionString": postgres.options}
        self.command = [*(["dotnet", assembly] if assembly.endswith(".dll") else [assembly]), *(f"--FastGate:{key}={value}" for key, value in options.items())]

    def start(self):
        self.spawn(self.command, cwd=self.home)
        wait_for(lambda: answers(self.devices) and self.metric("fastgate_cluster_local_only") == 0, f"{self.name} is in the cluster: {self.log}")

    def metric(self, name):
        """The value of a metric; None when the node does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics", timeout=5) as reply:
                found = re.search(rf"^{name}(?:\{{[^}}]*\}})? ([0-9.e+-]+)", reply.read().decode(), re.MULTILINE)
                return None if found is None else float(found[1])
        except OSError:
            return None

    def request(self, method, path, body=None, headers=None):
        """Status and answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.admin}/api/v1/{path}", data, {"Content-Type": "application/json", **(headers or {})}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")
