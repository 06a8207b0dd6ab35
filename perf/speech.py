#!/usr/bin/env python3
"""Measures spoken turns: listening, endpoints, latency, pacing, interruption, and packets that are no Opus.

    perf/speech.py [--only parrot,listen] [--seconds 40] [--model silero_vad.onnx] [--server-core 0] [--other-core 1] [--out FILE.md]

Starts a server for each case on one core, the driver (FastGate.LoadTest) and the stub of the services on another. The stub is a recogniser, a
chat model and a synthesiser on loopback that answer at once, so that what is measured is the gateway. Needs espeak-ng and libopus. About ten minutes.
"""

import argparse
import http.server
import json
import os
import pathlib
import platform
import re
import subprocess
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
DRIVER = ROOT / "perf/FastGate.LoadTest/bin/Release/net10.0/FastGate.LoadTest.dll"
SERVER = ROOT / "src/FastGate/bin/Release/net10.0/FastGate.dll"
PARROT = ["Speech:Mode=Parrot"]
STORY = "The small machine went up the long hill, and when it had come to the top it looked far over the land and said what it saw. "


class Stub(http.server.BaseHTTPRequestHandler):
    """POST .../audio/transcriptions, .../chat/completions and .../audio/speech."""

    protocol_version = "HTTP/1.1"
    words = "tell me a story"
    seconds = 5
    rate = 24000
    sound = b""

    def log_message(self, *_):
        pass

    def body(self):
        if (length := self.headers.get("Content-Length")) is not None:
            self.rfile.read(int(length))
            return
        while (size := int(self.rfile.readline().strip(), 16)) >= 0:
            self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return

    def answer(self, kind, content):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self):
        self.body()
        try:
            if "transcriptions" in self.path:
                self.answer("application/json", json.dumps({"text": self.words}).encode())
            elif "completions" in self.path:
                piece = {"choices": [{"index": 0, "delta": {"content": "This is the answer."}, "finish_reason": "stop"}]}
                self.answer("text/event-stream", f"data: {json.dumps(piece)}\n\ndata: [DONE]\n\n".encode())
            else:
                self.answer("audio/pcm", self.sound[: self.seconds * self.rate * 2])
        except OSError:
            self.close_connection = True


def serve(server):
    while True:
        server.handle_request()


def stub(core):
    wav = subprocess.run(["espeak-ng", "-v", "en-us", "--stdout", STORY * 4], check=True, capture_output=True).stdout
    Stub.sound = wav[44:44 + (len(wav) - 44) // 2 * 2]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    server.daemon_threads = True
    server.request_queue_size = 512
    threading.Thread(target=serve, args=(server,), daemon=True).start()
    os.sched_setaffinity(0, {core})
    return server.server_address[1]


def services(port, *more):
    return [f"Speech:Asr:Providers:ears:{pair}" for pair in ("Type=openai", f"BaseUrl=http://127.0.0.1:{port}/v1", "MaxConcurrency=512")] + [
        f"Speech:Tts:Providers:mouth:{pair}" for pair in ("Type=openai", f"BaseUrl=http://127.0.0.1:{port}/v1", f"SampleRate={Stub.rate}", "MaxConcurrency=512")] + [
        "Llm:Default=stub"] + [f"Llm:Providers:stub:{pair}" for pair in ("Type=openai", f"BaseUrl=http://127.0.0.1:{port}/v1", "ApiKey=none", "Model=stub", "MaxConcurrency=512")] + list(more)


class Server:
    def __init__(self, options, core):
        self.folder = tempfile.TemporaryDirectory()
        command = ["taskset", "-c", str(core), "dotnet", str(SERVER), "--FastGate:Devices:EventLoops=1"]
        command += [f"--FastGate:{listener}:Listen=127.0.0.1:0" for listener in ("Devices", "Http", "Admin")] + [f"--FastGate:{option}" for option in options]
        self.process = subprocess.Popen(command, cwd=self.folder.name, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.pid, ports, lines = self.process.pid, {}, []
        while "devices" not in ports or "admin" not in ports:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit("the server did not start:\n" + "".join(lines))
            lines.append(line)
            if found := re.search(r"\b(devices|admin):\s+(?:ws|http)://[^\s/]+:(\d+)", line, re.I):
                ports[found[1].lower()] = int(found[2])
        self.port, self.admin = ports["devices"], ports["admin"]
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def metrics(self):
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/metrics", timeout=20).read().decode()
        return {name: float(value) for name, value in re.findall(r"^([a-z][^ ]*|[a-z_]+\{.*\}) ([0-9.eE+-]+)(?: \d+)?$", text, re.M)}

    def threads(self):
        """CPU seconds of each named thread."""
        used = {}
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            try:
                name, fields = (task / "stat").read_text().rsplit(") ", 1)
            except OSError:
                continue
            name = re.sub(r"-\d+$", "", name.split("(", 1)[1])
            used[name] = used.get(name, 0) + sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")
        return used

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


def drive(server, core, scenario, *options):
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "run.json"
        command = ["taskset", "-c", str(core), "dotnet", str(DRIVER), scenario, "--target", f"127.0.0.1:{server.port}", "--server-pid", str(server.pid), "--json", str(report), *map(str, options)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode == 2:
            raise SystemExit(done.stdout[-2000:] + done.stderr)
        return json.loads(report.read_text())


class Window:
    """Metrics and CPU of the middle of a run: the driver's lead is left out."""

    def __init__(self, server, skip, seconds):
        self.server, self.skip, self.seconds = server, skip, seconds
        self.thread = threading.Thread(target=self.take)
        self.thread.start()

    def take(self):
        time.sleep(self.skip)
        before, self.begun, threads = self.server.metrics(), time.monotonic(), self.server.threads()
        time.sleep(self.seconds)
        after, ended, later = self.server.metrics(), time.monotonic(), self.server.threads()
        self.length = ended - self.begun
        self.metrics = {name: after[name] - before.get(name, 0) for name in after}
        self.cpu = {name: 100 * (later[name] - threads.get(name, 0)) / self.length for name in later}

    def join(self):
        self.thread.join()
        return self

    def total(self):
        return sum(self.cpu.values())

    def busiest(self):
        return ", ".join(f"{name} {share:.1f} %" for name, share in sorted(self.cpu.items(), key=lambda pair: -pair[1])[:5])

    def stage(self, name):
        """(count, [(at most seconds, share)]) of a stage."""
        buckets = {}
        for key, value in self.metrics.items():
            if "speech_stage_seconds_bucket" in key and f'stage="{name}"' in key:
                limit = re.search(r'le="([^"]+)"', key)[1]
                limit = float("inf") if limit == "+Inf" else float(limit)
                buckets[limit] = buckets.get(limit, 0) + value
        count = buckets.get(float("inf"), 0)
        return int(count), [(limit, share / count) for limit, share in sorted(buckets.items())] if count else []

    def percentile(self, name, share=0.99):
        """By interpolation within a bucket."""
        count, buckets = self.stage(name)
        low, below = 0.0, 0.0
        for limit, upto in buckets:
            if upto >= share:
                return 1000 * (low + (limit - low) * (share - below) / (upto - below)) if limit != float("inf") else float("inf")
            low, below = limit, upto
        return float("nan")


class Cases:
    def __init__(self, options):
        self.options, self.rows = options, []
        self.port = stub(options.other_core)

    def row(self, case, what, value, target=""):
        load = os.getloadavg()[0]
        self.rows.append(f"| {case} | {what} | {value} | {target} | {load:.1f} |")
        print(self.rows[-1], flush=True)

    def run(self, case, options, scenario, *arguments, lead=14):
        server = Server(options, self.options.server_core)
        try:
            seconds = self.options.seconds
            window = Window(server, lead, seconds)
            report = drive(server, self.options.other_core, scenario, "--lead", f"{lead}s", "--duration", f"{seconds}s", *arguments)
            return report, window.join()
        finally:
            server.stop()

    def spoken(self, case, report, target=""):
        first, frame, ping, silence = report["latencies"]
        speech, driver = report["speech"], report["driver"]
        self.row(case, "last voiced packet to first frame, p50 / p99 / max, ms", f"{first['p50Ms']:.0f} / {first['p99Ms']:.0f} / {first['maxMs']:.0f} of {first['count']}", target)
        self.row(case, "frames within 20 ms of due; p99.9, ms", f"{speech['inTimeShare']:.5f} of {speech['framesReceived']}; {frame['p999Ms']:.1f}", "0.999")
        self.row(case, "frames missing, doubled, reordered, outside an answer", f"{speech['framesMissing']}, {speech['framesDoubled']}, {speech['framesReordered']}, {speech['framesOutside']}", "0 each")
        if speech["compared"]:
            self.row(case, "turns without their last word; its level", f"{speech['withoutLastWord']} of {speech['compared']}; {speech['lastWordDb']} dB", "0")
        if silence["count"]:
            self.row(case, "abort to stop, ping on the same connection, p99, ms", f"{silence['p99Ms']:.1f}, {ping['p99Ms']:.1f} of {silence['count']}", "ping + 5")
        self.row(case, "turns unanswered, cut short; driver lateness p99, ms", f"{report['load']['unanswered']}, {speech['cutShort']}; {driver['latenessP99Ms']:.1f}")

    def parrot(self):
        report, window = self.run("parrot", PARROT, "speak", "--devices", 100, "--barge-in", 0.1)
        self.spoken("parrot, 100 devices, auto", report, "p99 650")
        self.row("parrot, 100 devices, auto", "server CPU, % of a core", f"{window.total():.0f} ({window.busiest()})")

    def modes(self):
        for mode in ("manual", "realtime"):
            report, _ = self.run(mode, PARROT, "speak", "--devices", 100, "--barge-in", 0.1, "--speech-mode", mode)
            self.spoken(f"parrot, 100 devices, {mode}", report, "p99 150" if mode == "manual" else "p99 650")

    def services(self):
        Stub.words, Stub.seconds, Stub.rate = "tell me a story", 4, 24000
        report, window = self.run("services", services(self.port), "speak", "--devices", 100, "--barge-in", 0.1, "--rate", 7)
        self.spoken("services, 100 devices", report)
        self.row("services, 100 devices", "end of utterance to words of a stub that answers at once, p99, ms", f"{window.percentile('recognition'):.0f} of {window.stage('recognition')[0]}", "60")
        self.row("services, 100 devices", "first sound of the synthesiser to first frame, p99, ms", f"{window.percentile('encode'):.0f} of {window.stage('encode')[0]}", "80")
    def listen(self):
        Stub.words = ""
        for name, more in (("energy", []), ("Silero", [f"Speech:Vad:Model={self.options.model}"])):
            if name == "Silero" and not self.options.model:
                continue
            _, window = self.run(f"listen {name}", services(self.port, *more), "speak", "--devices", 200, "--rate", 25, "--barge-in", 0)
            case = f"200 devices listen, {name}"
            self.row(case, "server CPU, % of a core", f"{window.total():.0f} ({window.busiest()})", "70")
            allocated = sum(value for key, value in window.metrics.items() if key.startswith("dotnet_gc_allocated_bytes"))
            self.row(case, "managed bytes for each device-second", f"{allocated / 200 / window.length:.0f}", "4096")

    def speaking(self, case, devices, rate, options, seconds=20):
        Stub.words, Stub.seconds, Stub.rate = "tell me a story", seconds, rate
        report, window = self.run(case, services(self.port, *options), "speak", "--devices", devices, "--rate", devices / 26, "--barge-in", 0, "--settle", "30s", lead=28)
        frames = sum(value for key, value in window.metrics.items() if key.startswith("fastgate_speech_frames_sent"))
        late = sum(value for key, value in window.metrics.items() if key.startswith("fastgate_speech_frames_late"))
        speaking = frames * 0.06 / window.length
        self.spoken(case, report)
        self.row(case, "devices that speak at a time; server CPU, % of a core", f"{speaking:.0f}; {window.total():.0f} ({window.busiest()})")
        self.row(case, "frames that the server sent at most 20 ms after they were due", f"{1 - late / max(frames, 1):.5f}", "0.999")
        return speaking, window

    def speak(self):
        speaking, window = self.speaking("90 devices speak, 24 kHz, complexity 3", 117, 24000, [])
        self.row("90 devices speak, 24 kHz, complexity 3", "server CPU for 90 devices, % of a core", f"{window.total() * 90 / speaking:.0f}", "70")

    def pace(self):
        self.speaking("300 devices speak, 8 kHz, complexity 0", 390, 8000, ["Speech:Opus:Complexity=0"])

    def detectors(self):
        for noise in (None, 20, 10):
            for name, more in (("energy", []), ("Silero", [f"Speech:Vad:Model={self.options.model}"])):
                if name == "Silero" and not self.options.model:
                    continue
                report, _ = self.run(name, [*PARROT, *more], "speak", "--devices", 60, "--barge-in", 0, *([] if noise is None else ["--noise", noise]), lead=2)
                load, speech, first = report["load"], report["speech"], report["latencies"][0]
                turns = load["operations"] + load["unanswered"]
                right = load["operations"] - speech["cutShort"]
                self.row(f"{name}, {'no noise' if noise is None else f'noise {noise} dB below'}", "endpoints right; cut short, never; p50 / p99, ms",
                         f"{right} of {turns}; {speech['cutShort']}, {load['unanswered']}; {first['p50Ms']:.0f} / {first['p99Ms']:.0f}")

    def flood(self):
        report, window = self.run("flood", PARROT, "flood", "--devices", 51, "--rate", 500, lead=4)
        during, between = report["latencies"]
        self.row("flood of 10,000 packets a second", "ping of 50 others with and without it, p50 / p99, ms",
                 f"{during['p50Ms']:.2f} / {during['p99Ms']:.2f}, {between['p50Ms']:.2f} / {between['p99Ms']:.2f}", "p99 the same")
        counts = {re.search(r'cause="([^"]+)"', key)[1]: int(value) for key, value in window.metrics.items() if key.startswith("fastgate_speech_packets_dropped") and "cause" in key}
        self.row("flood of 10,000 packets a second", "packets sent; dropped, by cause; lost connections", f"{report['load']['floodPackets']}; {counts}; {report['load']['lost']}", "0 lost")


def main():
    names = ["parrot", "modes", "services", "listen", "speak", "pace", "detectors", "flood"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(names), help="cases, separated by commas")
    parser.add_argument("--seconds", type=int, default=40, help="length of the measured load of each case")
    parser.add_argument("--model", type=lambda file: str(pathlib.Path(file).resolve()), help="the Silero model; without it only the energy detector is measured")
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--other-core", type=int, default=1, help="core of driver and stub")
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--no-build", action="store_true")
    options = parser.parse_args()
    if unknown := set(options.only.split(",")) - set(names):
        parser.error(f"--only: unknown case {', '.join(sorted(unknown))}; use some of {', '.join(names)}")
    if not options.no_build:
        subprocess.run(["dotnet", "build", "-c", "Release", str(ROOT / "perf/FastGate.LoadTest")], check=True, stdout=subprocess.DEVNULL)
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    processor = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    cases = Cases(options)
    head = [f"Command: `perf/speech.py --only {options.only} --seconds {options.seconds}`, {time.strftime('%Y-%m-%d')}, commit {commit}. Machine: {os.cpu_count()} cores "
            f"{processor[1] if processor else platform.machine()}, {platform.system()} {platform.release()}. Server on core {options.server_core}, driver and stub on core {options.other_core}.", "",
            "| case | what | measured | target | load average |", "| --- | --- | --- | --- | --- |"]
    print("\n".join(head), flush=True)
    for name in options.only.split(","):
        getattr(cases, name)()
    if options.out:
        options.out.write_text("\n".join(head + cases.rows) + "\n")


if __name__ == "__main__":
    main()
