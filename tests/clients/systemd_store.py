"""A service manager that keeps descriptors, as systemd does for a unit with FileDescriptorStoreMax=.

Runs the command in its arguments as the only service. SIGUSR1 restarts the service: SIGTERM, wait, and a new start that receives what the
service has left in the store, in any order. SIGTERM stops the service and releases the store. Prints one line for each start, with the number
of descriptors that were passed.
"""
import fcntl
import os
import random
import select
import signal
import socket
import sys

CAPACITY = 1000


def serve(command):
    folder = os.environ["STORE_FOLDER"]
    address = os.path.join(folder, "notify")
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(address)
    wakeup, wakeup_write = os.pipe()
    os.set_blocking(wakeup_write, False)
    signal.set_wakeup_fd(wakeup_write)
    wanted = {"restart": False, "stop": False}
    signal.signal(signal.SIGUSR1, lambda *_: wanted.update(restart=True))
    signal.signal(signal.SIGTERM, lambda *_: wanted.update(stop=True))
    signal.signal(signal.SIGCHLD, lambda *_: None)
    store = []
    status = 0
    while not wanted["stop"]:
        wanted["restart"] = False
        child = start(command, address, store)
        print(f"service started with {len(store)} descriptors", flush=True)
        asked = False
        while True:
            readable, _, _ = select.select([notify, wakeup], [], [], 1)
            if notify in readable:
                handle(notify, store)
            if wakeup in readable:
                os.read(wakeup, 4096)
            if (wanted["restart"] or wanted["stop"]) and not asked:
                asked = True
                os.kill(child, signal.SIGTERM)
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                break
        while select.select([notify], [], [], 0)[0]:
            handle(notify, store)
        if not wanted["restart"]:
            break
    return os.waitstatus_to_exitcode(status)


def handle(notify, store):
    """One message: it may add to the store, remove from it, or wait until all earlier ones are handled."""
    message, descriptors, flags, _ = socket.recv_fds(notify, 4096, 253)
    assert not flags & socket.MSG_CTRUNC
    fields = dict(line.split("=", 1) for line in message.decode().splitlines() if "=" in line)
    if fields.get("FDSTORE") == "1":
        room = CAPACITY - len(store)
        store.extend((fields["FDNAME"], number) for number in descriptors[:room])
        descriptors = descriptors[room:]
    elif fields.get("FDSTOREREMOVE") == "1":
        for item in [item for item in store if item[0] == fields["FDNAME"]]:
            os.close(item[1])
            store.remove(item)
    for number in descriptors:
        os.close(number)


def start(command, address, store):
    passed = list(store)
    random.Random(len(store)).shuffle(passed)
    child = os.fork()
    if child:
        return child
    environment = dict(os.environ, NOTIFY_SOCKET=address, FDSTORE=str(CAPACITY))
    if passed:
        high = [(name, fcntl.fcntl(number, fcntl.F_DUPFD, 3 + 2 * CAPACITY)) for name, number in passed]
        for index, (_, number) in enumerate(high):
            os.dup2(number, 3 + index, inheritable=True)
            os.close(number)
        environment.update(
            LISTEN_PID=str(os.getpid()),
            LISTEN_FDS=str(len(passed)),
            LISTEN_FDNAMES=":".join(name for name, _ in passed))
    signal.signal(signal.SIGUSR1, signal.SIG_DFL)
    os.execvpe(command[0], command, environment)


sys.exit(serve(sys.argv[1:]))
