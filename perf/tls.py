#!/usr/bin/env python3
"""TLS of the device port beside Kestrel's own and nginx, in one run.

    perf/tls.py [--rounds 5] [--seconds 3] [--connections 1000] [--server FastGate.dll] [--markdown FILE]

Builds the server and a small Kestrel program in a temporary folder, and starts both and nginx (Debian: nginx-light) with the same ECDSA P-256 certificate.
`openssl s_time` makes new and resumed handshakes with TLS 1.2 and 1.3, one after the other, alternating between the servers. CPU is read from
/proc/<pid>/stat of the server's processes and divided by the handshakes. Then idle connections are held open: RSS and managed bytes for each, both
after full collections. At last, pings of plain devices of a server with a certificate beside those of a server without one. Only loopback addresses are
used. About four minutes.
"""

import argparse
import os
import pathlib
import re
import resource
import signal
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
ASSEMBLY = ROOT / "src/FastGate/bin/Release/net10.0/FastGate.dll"
TICKS = os.sysconf("SC_CLK_TCK")

PROJECT = """<Project Sdk="Microsoft.NET.Sdk.Web">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><ServerGarbageCollection>false</ServerGarbageCollection></PropertyGroup>
</Project>
"""
PROGRAM = """
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Net.Security;

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
var certificate = X509Certificate2.CreateFromPemFile(args[0], args[1]);
builder.WebHost.UseKestrelHttpsConfiguration();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, int.Parse(args[2]), listen =>
{
    listen.Protocols = Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1;
    listen.UseHttps(certificate);
}));
var app = builder.Build();
app.MapGet("/", () => "ok");
app.MapGet("/heap", () => GC.GetTotalMemory(false).ToString());
app.Run();
"""
NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_timeout 300s; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:s:1m;
    location / {{ return 200 "ok"; }}
  }}
}}
"""
UPGRADE = ("GET /xiaozhi/v1/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nDevice-Id: {}\r\n\r\n")
PAYLOAD = b'{"type":"ping"}'
PING = bytes([0x81, 0x80 | len(PAYLOAD)]) + bytes(4) + PAYLOAD


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server and the processes that it consists of."""

    def __init__(self, name, command, port, folder, environment=None):
        self.name, self.port = name, port
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError(f"{name} ended with {self.process.returncode}")
                time.sleep(0.1)
        raise RuntimeError(f"{name} does not listen")

    def pids(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def cpu(self):
        total = 0
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def rss(self):
        return sum(int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) * 1024 for pid in self.pids())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def handshakes(server, version, kind, seconds):
    """Handshakes a second and CPU microseconds for each."""
    before = server.cpu()
    run = subprocess.run(
        ["openssl", "s_time", "-connect", f"127.0.0.1:{server.port}", version, kind, "-time", str(seconds)], capture_output=True, text=True, check=False)
    match = re.findall(r"(\d+) connections in (\d+) real seconds", run.stdout)
    if not match:
        raise RuntimeError(run.stdout + run.stderr)
    count, real = map(int, match[-1])
    return count / max(real, 1), (server.cpu() - before) * 1e6 / max(count, 1)


def secure(port, request, context):
    client = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 20), server_hostname="localhost")
    client.sendall(request)
    received = b""
    while b"\r\n\r\n" not in received:
        part = client.recv(4096)
        if not part:
            raise ConnectionError(received)
        received += part
    return client


def collect(server):
    """A full collection in a .NET process: a session of its diagnostics port with the keyword GCHeapCollect begins with one."""
    pattern = f"dotnet-diagnostic-{server.process.pid}-*-socket"
    address = str(next(pathlib.Path(os.environ.get("TMPDIR", "/tmp")).glob(pattern)))

    def text(value):
        return struct.pack("<I", len(value) + 1) + value.encode("utf-16-le") + b"\0\0" if value else struct.pack("<I", 0)

    def ask(command, payload):
        port = socket.socket(socket.AF_UNIX)
        port.settimeout(30)
        port.connect(address)
        port.sendall(b"DOTNET_IPC_V1\0" + struct.pack("<HBBH", 20 + len(payload), 2, command, 0) + payload)
        return port

    def answer(port):
        reply = port.recv(28, socket.MSG_WAITALL)
        if reply[16:18] != b"\xff\0":
            raise RuntimeError(f"diagnostics port: {reply!r}")
        return reply[20:28]

    # Without the events of the end of a session, which describe all methods.
    stream = ask(3, struct.pack("<IIBI", 16, 1, 0, 1) + struct.pack("<QI", 0x800000, 4) + text("Microsoft-Windows-DotNETRuntime") + text(""))
    session = answer(stream)
    time.sleep(2)

    # The process answers when its stream is read.
    stop = ask(1, session)
    while stream.recv(65536):
        pass
    answer(stop)
    stop.close()
    stream.close()


def heap(server, admin):
    """Bytes of the managed heap after full collections; 0 for a server without one."""
    if server.name == "nginx":
        return 0

    # The second one frees what the finalizers of the first one release.
    for _ in range(2):
        collect(server)
    if server.name == "Kestrel":
        with urllib.request.urlopen(f"https://127.0.0.1:{server.port}/heap", context=ssl._create_unverified_context()) as answer:
            return int(answer.read())
    with urllib.request.urlopen(f"http://127.0.0.1:{admin}/metrics") as answer:
        return int(float(re.search(r"^dotnet_gc_heap_bytes(?:\{.*\})? (\S+)", answer.read().decode(), re.M)[1]))


def idle(server, admin, count):
    """RSS and managed bytes for each idle connection."""
    context = ssl._create_unverified_context()
    request = (lambda i: UPGRADE.format(f"idle-{i}").encode()) if server.name == "FastGate" else (lambda i: b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    warm = [secure(server.port, request(-1 - i), context) for i in range(50)]
    for client in warm:
        client.close()
    time.sleep(2)
    managed, rss = heap(server, admin), server.rss()
    clients = [secure(server.port, request(i), context) for i in range(count)]
    time.sleep(3)
    managed = heap(server, admin) - managed
    result = (server.rss() - rss) / count, managed / count
    for client in clients:
        client.close()
    return result


def pings(port, name, count):
    client = socket.create_connection(("127.0.0.1", port), 20)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.sendall(UPGRADE.format(name).encode())
    client.recv(4096)
    for _ in range(count):
        client.sendall(PING)
        client.recv(4096)
    client.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--pings", type=int, default=20000)
    parser.add_argument("--server", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--markdown", type=pathlib.Path)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    if not options.server:
        subprocess.run(["dotnet", "build", "-c", "Release", ROOT / "src/FastGate"], check=True, stdout=subprocess.DEVNULL)
    lines, servers = [], []

    def note(line):
        print(line, flush=True)
        lines.append(line)

    with tempfile.TemporaryDirectory() as folder:
        kestrel = pathlib.Path(folder, "kestrel")
        kestrel.mkdir()
        (kestrel / "Peer.csproj").write_text(PROJECT)
        (kestrel / "Program.cs").write_text(PROGRAM)
        subprocess.run(["dotnet", "build", "-c", "Release", "-o", kestrel / "out", kestrel], check=True, stdout=subprocess.DEVNULL)
        certificate, key = f"{folder}/server.pem", f"{folder}/server.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "60", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate], check=True, capture_output=True)
        try:
            def gate(name, admin, *more, environment=None):
                port, data = free_port(), pathlib.Path(folder, name)
                data.mkdir()
                return Server(name, ["dotnet", options.server or ASSEMBLY, f"--FastGate:Devices:Listen=127.0.0.1:{port}", f"--FastGate:Http:Listen=127.0.0.1:{free_port()}",
                                     f"--FastGate:Admin:Listen=127.0.0.1:{admin}", *more], port, data, environment)

            admin = free_port()
            tls = [f"--FastGate:Devices:Tls:Certificate={certificate}", f"--FastGate:Devices:Tls:Key={key}"]
            servers.append(gate("FastGate", admin, *tls, "--FastGate:Devices:Timeouts:Idle=00:10:00"))
            port = free_port()
            servers.append(Server("Kestrel", ["dotnet", kestrel / "out/Peer.dll", certificate, key, str(port)], port, folder))
            port = free_port()
            configuration = pathlib.Path(folder, "nginx.conf")
            configuration.write_text(NGINX.format(folder=folder, port=port, certificate=certificate, key=key))
            servers.append(Server("nginx", ["/usr/sbin/nginx", "-c", str(configuration), "-p", folder], port, folder))

            cases = [(version, kind) for version in ("-tls1_3", "-tls1_2") for kind in ("-new", "-reuse")]
            for server in servers:
                handshakes(server, "-tls1_3", "-new", 4)
                handshakes(server, "-tls1_2", "-new", 2)
            note("| handshakes | server | a second | CPU each, us | of Kestrel |")
            note("| --- | --- | ---: | ---: | ---: |")
            for version, kind in cases:
                runs = {server.name: [] for server in servers}
                for _ in range(options.rounds):
                    for server in servers:
                        runs[server.name].append(handshakes(server, version, kind, options.seconds))
                middle = {name: (statistics.median(rate for rate, _ in values), statistics.median(cpu for _, cpu in values)) for name, values in runs.items()}
                for name, (rate, cpu) in middle.items():
                    spread = ", ".join(f"{value:.0f}" for _, value in runs[name])
                    note(f"| {version[1:]} {kind[1:]} | {name} | {rate:.0f} | {cpu:.0f} ({spread}) | {cpu / middle['Kestrel'][1]:.2f} |")
            note("")
            note(f"| {options.connections} idle connections | RSS each, KB | managed each, KB |")
            note("| --- | ---: | ---: |")
            for server in servers:
                rss, managed = idle(server, admin, options.connections)
                note(f"| {server.name} | {rss / 1024:.1f} | {managed / 1024:.1f} |" if server.name != "nginx" else f"| {server.name} | {rss / 1024:.1f} | - |")

            plain = gate("plain", free_port())
            servers.append(plain)
            both = {"with a certificate": servers[0], "without": plain}
            for server in both.values():
                pings(server.port, "warm", options.pings)
            runs = {name: [] for name in both}
            for round_number in range(options.rounds):
                for name, server in (list(both.items()) if round_number % 2 else list(both.items())[::-1]):
                    before = server.cpu()
                    pings(server.port, "ping", options.pings)
                    runs[name].append((server.cpu() - before) * 1e6 / options.pings)
            note("")
            note("| pings of a plain device | CPU each, us |")
            note("| --- | --- |")
            for name, values in runs.items():
                note(f"| {name} | {statistics.median(values):.2f} ({', '.join(f'{value:.2f}' for value in values)}) |")
        finally:
            for server in servers:
                server.stop()
    if options.markdown:
        options.markdown.write_text("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
