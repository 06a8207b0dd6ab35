#!/usr/bin/python3
"""A transcription server: POST /v1/audio/transcriptions, answered by pocketsphinx with the phrases of phrases.gram.

    pocketsphinx_server.py        prints "listening on <port>" and serves until it is killed

Sound that is none of the phrases is answered with an empty text.
"""

import json
import os
import subprocess
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GRAMMAR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "phrases.gram")


def transcribe(wav):
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(wav)
        file.flush()
        words = subprocess.run(
            ["pocketsphinx_continuous", "-infile", file.name, "-jsgf", GRAMMAR, "-logfn", "/dev/null"],
            stdout=subprocess.PIPE, check=True, timeout=60)
    return words.stdout.decode().replace("\n", " ").strip()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        form = self.rfile.read(int(self.headers["Content-Length"]))
        start = form.index(b"RIFF")
        wav = form[start:start + 8 + int.from_bytes(form[start + 4:start + 8], "little")]
        body = json.dumps({"text": transcribe(wav)}).encode()
        self.send_response(200 if self.path == "/v1/audio/transcriptions" else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    daemon_threads = True


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    print("listening on", server.server_address[1], flush=True)
    while True:
        server.handle_request()
