"""An MCP server for the tests, with the standard library only: on standard input and output, or with --http over HTTP.

Usage: mcp_server.py [--http PORT] MODE [TEXT...]
Modes: normal; other (tools with names that clash); silent (answers nothing); stalls (answers no call); garbage (writes lines that are no messages);
endless (writes one line without an end); stays (runs for a while after its input has ended).
"""
import http.server
import json
import os
import random
import sys
import threading
import time

SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}, "size": {"type": "integer"}}}
NAMES = ["echo", "huge", "fail", "quit", "grow", "variables", "descriptors", "together", "read file!"]

mode = "normal"
grown = []
running = 0
most = 0
gate = threading.Lock()
both = threading.Event()


def tools(cursor):
    """Two pages, so that a client must follow the cursor."""
    names = ["echo", "strange"] if mode == "other" else NAMES + grown
    page = names[:4] if cursor is None else names[4:]
    listed = [{"name": name, "description": "The tool " + name, "inputSchema": SCHEMA} for name in page]
    return {"tools": listed, "nextCursor": "more"} if cursor is None and len(names) > 4 else {"tools": listed}


def text(words, error=False):
    return {"content": [{"type": "text", "text": words}], "isError": error}


def together(milliseconds):
    """Waits for a second call at the same time, and says how many there were."""
    global running, most
    with gate:
        running += 1
        most = max(most, running)
        if running == 2:
            both.set()
    both.wait(milliseconds / 1000)
    with gate:
        running -= 1
        return text(str(most))


def call(name, arguments, notify):
    if name == "echo":
        return text(mode + ": " + str(arguments.get("text")))
    if name == "huge":
        return text("x" * int(arguments["size"]))
    if name == "fail":
        return text("the lamp is broken", True)
    if name == "quit":
        os._exit(7)
    if name == "grow":
        grown.append("grown")
        notify("notifications/tools/list_changed")
        return text("grown")
    if name == "variables":
        return text("\n".join(sorted(name + "=" + value for name, value in os.environ.items())))
    if name == "descriptors":
        links = [os.path.join("/proc/self/fd", entry) for entry in os.listdir("/proc/self/fd")]
        return text("\n".join(os.readlink(link) for link in links if os.path.islink(link)))
    if name == "together":
        return together(int(arguments["size"]))
    return text("called " + name)


def answer(message, notify):
    """The reply to a message; None where none is due."""
    method = message.get("method")
    if "id" not in message or method is None or mode == "silent":
        return None
    params = message.get("params") or {}
    if method == "initialize":
        result = {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {"listChanged": True}}, "serverInfo": {"name": "test", "version": "1"}}
    elif method == "tools/list":
        result = tools(params.get("cursor"))
    elif method == "tools/call":
        if mode == "stalls":
            return None
        result = call(params["name"], params.get("arguments") or {}, notify)
    elif method == "ping":
        result = {}
    else:
        return {"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "Method not found"}}
    return {"jsonrpc": "2.0", "id": message["id"], "result": result}


def write(message):
    with gate_out:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


gate_out = threading.Lock()


def serve_lines():
    def notify(method):
        write({"jsonrpc": "2.0", "method": method})

    def reply(message):
        result = answer(message, notify)
        if result is not None:
            write(result)

    if mode == "garbage":
        noise = random.Random(5)
        for _ in range(50):
            sys.stdout.buffer.write(bytes(noise.randrange(256) for _ in range(200)) + b"\n{\"jsonrpc\":\"2.0\",\"id\":[]}\nnull\n[]\n")
        sys.stdout.flush()
    if mode == "endless":
        while True:
            sys.stdout.buffer.write(b"x" * 65536)
            sys.stdout.flush()
    print("a line on standard error", file=sys.stderr, flush=True)
    for line in sys.stdin:
        if mode != "garbage":
            threading.Thread(target=reply, args=(json.loads(line),), daemon=True).start()
    if mode == "stays":
        time.sleep(120)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.read_body()
        if self.headers.get("Authorization") != "Bearer key-of-the-test" or self.headers.get("X-Extra") != "extra":
            self.finish_with(401, b"not you: " + str(self.headers.get("Authorization")).encode())
            return
        result = answer(json.loads(body), lambda method: None)
        if mode == "silent":
            time.sleep(3600)
        self.finish_with(202 if result is None else 200, b"" if result is None else json.dumps(result).encode())

    def read_body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""
        while True:
            size = int(self.rfile.readline(), 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return body

    def do_GET(self):
        self.finish_with(405, b"")

    def do_DELETE(self):
        self.finish_with(200, b"")

    def finish_with(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def end_with_input():
    """The test's process may be killed."""
    sys.stdin.read()
    os._exit(0)


def main():
    global mode
    arguments = sys.argv[1:]
    port = None
    if arguments[0] == "--http":
        port = int(arguments[1])
        arguments = arguments[2:]
    mode = arguments[0]
    if port is None:
        serve_lines()
        return
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    print("listening on %d" % server.server_address[1], flush=True)
    threading.Thread(target=end_with_input, daemon=True).start()
    while True:
        server.handle_request()


main()
