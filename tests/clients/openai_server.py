#!/usr/bin/python3
"""An OpenAI-compatible chat server whose behaviour depends on the requested model.

    openai_server.py        prints "listening on <port>" and serves until it is killed

| model      | what it does                                                        |
| ---------- | ------------------------------------------------------------------- |
| normal     | streams an answer that quotes the question                          |
| silent     | sends the status and headers, then no token until the client closes |
| no-headers | accepts the request and sends nothing until the client closes       |
| error-NNN  | answers with status NNN and an error object                         |
| echo-key   | answers 401 with the key of the request in the error                |
| slow       | streams a sentence, pauses for a second, streams the last one       |
| cut        | streams half of an answer and drops the connection                  |
| garbage    | streams bytes that are not events                                   |
| bad-json   | streams events whose data is not JSON                               |
| empty      | streams an answer without text                                      |
| think      | wraps half of the answer in <think> tags, cut across tokens         |

Requests for sound and for MCP are refused; the error repeats their headers.
GET /requests lists the bodies of all chat requests and how each connection ended.
"""

import json
import select
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REQUESTS = []
LOCK = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        with LOCK:
            body = json.dumps(REQUESTS).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        entry = {"path": self.path, "authorization": self.headers.get("Authorization"), "body": body, "end": None}
        with LOCK:
            REQUESTS.append(entry)
        try:
            if "/audio/" in self.path or self.path.startswith("/mcp"):
                self.refuse(401, f"refused {self.path} with {dict(self.headers)}")
            else:
                self.answer(body)
            entry["end"] = "answered"
        except (BrokenPipeError, ConnectionResetError):
            entry["end"] = "client left"
            self.close_connection = True

    def answer(self, body):
        model = body.get("model", "normal")
        question = body["messages"][-1]["content"]
        if not isinstance(question, str):
            question = "".join(part.get("text", "") for part in question)

        if model == "no-headers":
            self.wait_until_client_closes()
            return
        if model.startswith("error-"):
            self.refuse(int(model[len("error-"):]))
            return

        if model == "echo-key":
            self.refuse(401, "Incorrect API key provided: " + self.headers.get("Authorization", "").removeprefix("Bearer "))
            return

        self.begin()
        if model == "silent":
            self.wait_until_client_closes()
        elif model == "slow":
            self.token(model, "这是开头。")
            time.sleep(1)
            self.token(model, "这是结尾。")
            self.last_token(model)
        elif model == "cut":
            for token in ("这是", "第一句。", "然后"):
                self.token(model, token)
            self.connection.close()
            self.close_connection = True
        elif model == "garbage":
            self.chunk(bytes(range(256)) * 4 + b"\n\n\x00\xff\xfe")
            self.end()
        elif model == "bad-json":
            self.chunk(b"data: {\"choices\": [{\"delta\": {\"content\": \xe4\xbd\n\n")
            self.chunk(b"data: [DONE]\n\n")
            self.end()
        else:
            self.tokens(model, question)
            self.last_token(model)

    def tokens(self, model, question):
        if model == "empty":
            return
        if model == "think":
            parts = ["<th", "ink>不能说", "的话</thi", "nk>你说的是", question, "。"]
        else:
            parts = ["你说的是：", question, "。", "还有", "别的", "吗？"]
        for part in parts:
            self.token(model, part)

    def begin(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()

    def token(self, model, text, reason=None):
        delta = {"content": text} if text is not None else {}
        event = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
        }
        self.chunk(b"data: " + json.dumps(event, ensure_ascii=False).encode() + b"\n\n")

    def last_token(self, model):
        self.token(model, None, "stop")
        self.chunk(b"data: [DONE]\n\n")
        self.end()

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def end(self):
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def refuse(self, status, message="refused on request"):
        body = json.dumps({"error": {"message": message, "type": "server_error"}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def wait_until_client_closes(self):
        select.select([self.connection], [], [], 120)
        raise ConnectionResetError


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    print("listening on", server.server_address[1], flush=True)
    while True:
        server.handle_request()
