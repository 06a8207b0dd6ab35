#!/usr/bin/python3
"""Becomes a server that finds a state which it has not written, as after a restart in place with a damaged or newer state.

    inherit_state.py <port> <file of the state> <number of the connection's descriptor> <command> [argument ...]

Listens on the port, prints a line, accepts one connection, and replaces itself by the command.
"""

import fcntl
import os
import socket
import sys


def main():
    port, state, number = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    command = sys.argv[4:]
    listener = socket.create_server(("127.0.0.1", port))
    print("listening", flush=True)
    connection, _ = listener.accept()

    # 101 has been sent to the client long ago; it expects frames.
    os.dup2(connection.fileno(), number)
    os.set_inheritable(number, True)
    memory = os.memfd_create("fastgate-state", os.MFD_ALLOW_SEALING)
    with open(state, "rb") as file:
        os.write(memory, file.read())
    fcntl.fcntl(memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE)
    os.set_inheritable(memory, True)
    os.environ["FASTGATE_STATE"] = f"fd={memory} restarts=4"
    os.execvp(command[0], command)


main()
