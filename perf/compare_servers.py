"""Servers under comparison on processor 0, and the load of others on the processors of a run."""

import os
import pathlib
import resource
import shlex
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

from compare_generators import GENERATOR_PROCESSOR

SERVER_PROCESSOR = 0
FLOOR = "floor"
ECHO = "--FastGate:Devices:Echo=true"


class Servers:
    """
    The floor, and for each named program a server for each side ("talk", "echo") of the rows. A program is FastGate's file, or the command line of another
    server, in which {port} is the port. Only the server under load is busy.
    """

    def __init__(self, generator, programs, sides=("talk", "echo")):
        self.generator = generator
        self.folder = tempfile.TemporaryDirectory()
        self.started = []
        self.ports = {}
        self.pids = {}
        try:
            for name, program in programs.items():
                for side in sides:
                    if isinstance(program, str):
                        self.start_other((name, side), lambda port, line=program: shlex.split(line.replace("{port}", str(port))))
                    else:
                        self.start_gateway((name, side), program, *([ECHO] if side == "echo" else []))
            self.start_other(FLOOR, generator.floor)
        except BaseException:
            self.close()
            raise

    def start_gateway(self, key, program, *options):
        device, http, admin = free_ports(3)
        command = [program] if program.suffix != ".dll" else ["dotnet", program]
        self.start(key, [
            *command, "--FastGate:Devices:EventLoops=1", f"--FastGate:Devices:Listen=127.0.0.1:{device}", f"--FastGate:Http:Listen=127.0.0.1:{http}",
            f"--FastGate:Admin:Listen=127.0.0.1:{admin}", f"--FastGate:Memory:Path={device}.db", *options])
        self.ports[key] = (device, http, admin)
        wait_for(lambda: fetch(http, "/health/ready"))

    def start_other(self, key, command):
        [port] = free_ports(1)
        self.start(key, command(port))
        self.ports[key] = (port,)
        wait_for(lambda: socket.create_connection(("127.0.0.1", port)).close())

    def start(self, key, command):
        process = subprocess.Popen(["taskset", "-c", str(SERVER_PROCESSOR), *map(str, command)], cwd=self.folder.name,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.started.append(process)
        self.pids[key] = process.pid

    def take(self, name, row, seconds):
        key = name if name == FLOOR else (name, row.side)
        return self.generator.take(row, self.ports[key][0], self.pids[key], name == FLOOR, seconds)

    def warm_up(self, name, row, seconds):
        """Load for at least this time, so that the runtime has compiled what the row needs for good."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.take(name, row, max(1, round(left)))

    def own_seconds(self):
        """Processor time of this program, of the generators that have ended, and of the servers."""
        ended = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in ended) + sum(map(cpu_seconds, self.pids.values()))

    def close(self):
        for process in self.started:
            process.send_signal(signal.SIGTERM)
        for process in self.started:
            process.wait(20)
        self.folder.cleanup()


class OtherLoad:
    """The share of the run's processors that other processes used. This program stays on the generator's processor."""

    processors = (SERVER_PROCESSOR, GENERATOR_PROCESSOR)

    def __init__(self, servers):
        os.sched_setaffinity(0, {GENERATOR_PROCESSOR})
        self.servers = servers
        self.began = self.look()

    def look(self):
        return time.monotonic(), busy_seconds(pathlib.Path("/proc/stat").read_text(), self.processors), self.servers.own_seconds()

    def share(self):
        """Since the last call."""
        now = self.look()
        elapsed, busy, own = (after - before for before, after in zip(self.began, now))
        self.began = now
        return max(0.0, busy - own) / elapsed / len(self.processors)


def busy_seconds(stat, processors):
    """The time in which these processors were not idle; what a hypervisor took from them counts."""
    seconds = 0
    for line in stat.splitlines():
        name, *ticks = line.split()
        if name in {f"cpu{number}" for number in processors}:
            user, nice, system, _, _, interrupts, soft_interrupts, stolen = map(int, ticks[:8])
            seconds += (user + nice + system + interrupts + soft_interrupts + stolen) / os.sysconf("SC_CLK_TCK")
    return seconds


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def fetch(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as reply:
        return reply.read().decode()


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while True:
        try:
            return condition()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
