"""The load generators of perf/compare and perf/compare_floor.py. Each is the floor too, runs on processor 1 and names its rows."""

import json
import pathlib
import subprocess
import typing

ROOT = pathlib.Path(__file__).resolve().parent.parent
DRIVER = ROOT / "perf/FastGate.LoadTest"
GENERATOR_PROCESSOR = 1
DEVICES = 15_000
PING = '{"type":"ping"}'
HELLO = '{"type":"hello","version":1,"transport":"websocket"}'
ID = ["-H", "Device-Id: {mac}"]


class Row(typing.NamedTuple):
    """One figure. Must and aim are ratios to the floor; the side is the gateway that answers or the one that echoes."""

    name: str
    must: float | str
    aim: float | str
    side: str
    mode: str
    arguments: list[str]
    figure: str


class Wsload:
    """A generator that sends as soon as the answer has arrived. It connects its devices again for each measurement."""

    name = "wsload"
    message, handshake, cycle = "server_cpu_us_per_message", "server_cpu_us_per_handshake", "server_cpu_us_per_cycle"
    ping = ["--payload", PING, "--expect-any"]
    rows = [
        Row("ping answered, 1,000 devices, depth 1", 1.08, 1.03, "talk", "echo", ["-c", "1000", *ping], message),
        Row("ping answered, 100 devices, depth 16", 1.25, 1.1, "talk", "echo", ["-c", "100", "-P", "16", *ping], message),
        Row("ping at a fixed 8,000 a second, 1,000 devices", 1.05, 1.0, "talk", "echo", ["-c", "1000", "--rate", "8000", *ping], message),
        Row("handshake with identity and registration", 1.3, 1.15, "talk", "idle", ["-c", str(DEVICES)], handshake),
        Row("churn cycle: connect, handshake, one message, close", 1.2, 1.1, "talk", "churn", ["-c", "64", *ping], cycle),
        Row("echo of 1 KiB binary, 1,000 devices", 1.0, 0.95, "echo", "echo", ["-c", "1000", "-s", "1024", "-b"], message),
        Row("echo of 16 KiB binary, 100 devices", 1.15, 1.05, "echo", "echo", ["-c", "100", "-s", "16384", "-b"], message),
    ]

    def __init__(self, program):
        self.program = program

    def floor(self, port):
        return [self.program, "serve", "-p", str(port)]

    def start(self, mode, port, pid, is_floor, *arguments):
        command = [*pinned(self.program), mode, f"ws://127.0.0.1:{port}/", "--json", "--server-pid", str(pid), *arguments]
        return subprocess.Popen(command + ([] if is_floor else ID), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def take(self, row, port, pid, is_floor, seconds):
        time_of_load = ["-d", "1"] if row.mode == "idle" else ["-d", str(seconds), "-w", "1"]
        return self.finish(self.start(row.mode, port, pid, is_floor, *row.arguments, *time_of_load))[row.figure]

    def hold(self, port, pid, seconds):
        return self.start("idle", port, pid, False, "-c", str(DEVICES), "--hello", HELLO, "-d", str(seconds), "--heartbeat", "1000")

    @staticmethod
    def finish(generator):
        output = generator.communicate(timeout=600)[0]
        if generator.returncode != 0:
            raise RuntimeError(f"the load generator measured nothing: exit status {generator.returncode}")
        return json.loads(output)

    @staticmethod
    def resident_end(report):
        return report["server_rss_end"]


class LoadTest:
    """The project's driver: sends on schedule. Must and aim are defined for wsload's floor, which has no runtime and answers no hello."""

    name = "FastGate.LoadTest"
    operation, connection = "cpuMicrosecondsPerOperation", "cpuMicrosecondsPerConnection"
    rows = [
        Row("ping at 4,000 a second, 1,000 devices", "-", "-", "talk", "ping", ["--devices", "1000", "--rate", "4000"], operation),
        Row("ping at 8,000 a second, 1,000 devices", "-", "-", "talk", "ping", ["--devices", "1000", "--rate", "8000"], operation),
        Row("echo of 60 ms frames, 400 devices", "-", "-", "echo", "audio", ["--devices", "400"], operation),
        Row("handshake with identity, registration and hello", "-", "-", "talk", "hold",
            ["--devices", str(DEVICES), "--ramp", "3000", "--keepalive", "0s"], connection),
        Row("churn cycle: connect, handshake, hello, one ping, disconnect", "-", "-", "talk", "churn", ["--devices", "500", "--rate", "1500"], operation),
    ]

    def __init__(self, folder):
        self.report = pathlib.Path(folder) / "run.json"
        self.program = ["dotnet", str(DRIVER / "bin/Release/net10.0/FastGate.LoadTest.dll")]

    def floor(self, port):
        return [*self.program, "serve", "--port", str(port)]

    def start(self, mode, port, pid, *arguments):
        command = [*pinned(*self.program), mode, "--target", f"127.0.0.1:{port}", "--server-pid", str(pid), *arguments]
        return subprocess.Popen([*command, "--json", str(self.report)], stdout=subprocess.DEVNULL)

    def take(self, row, port, pid, is_floor, seconds):
        time_of_load = ["--duration", "1s"] if row.mode == "hold" else ["--lead", "1s", "--duration", f"{seconds}s"]
        report = self.finish(self.start(row.mode, port, pid, *row.arguments, *time_of_load))
        if report["driver"]["wasLimit"]:
            print(f"driver was the limit: {'; '.join(report['driver']['why'])}", flush=True)
        return report["server"][row.figure]

    def hold(self, port, pid, seconds):
        return self.start("hold", port, pid, "--devices", str(DEVICES), "--ramp", "3000", "--keepalive", "0s", "--duration", f"{seconds}s")

    def finish(self, generator):
        if generator.wait(timeout=600) != 0:
            raise RuntimeError(f"the load driver measured nothing: exit status {generator.returncode}")
        return json.loads(self.report.read_text())

    @staticmethod
    def resident_end(report):
        return report["server"]["residentMbAfter"] * 1e6


def create(environment, folder):
    """The generator that WSLOAD names, or else the project's own, which is built first."""
    if program := environment.get("WSLOAD"):
        return Wsload(program)
    build(DRIVER)
    return LoadTest(folder)


def build(project):
    subprocess.run(["dotnet", "build", "-c", "Release", "-nodeReuse:false", str(project)], check=True, stdout=subprocess.DEVNULL)


def publish(project, folder):
    """The server as it is shipped: compiled in advance."""
    subprocess.run(["dotnet", "publish", "-c", "Release", "--use-current-runtime", "--self-contained", "false", "-p:PublishReadyToRun=true",
                    "-p:RunAnalyzers=false", "-nodeReuse:false", "-o", str(folder), str(project)], check=True, stdout=subprocess.DEVNULL)
    return pathlib.Path(folder) / "FastGate.dll"


def pinned(*command):
    return ["taskset", "-c", str(GENERATOR_PROCESSOR), *command]
