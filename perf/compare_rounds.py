"""The interleaved rounds of perf/compare and perf/compare_floor.py."""

from compare_servers import FLOOR, OtherLoad


def measure(servers, rows, names, chosen):
    """Figures by row and name, in which the floor is the last name, and the load of others in each round. Each round reverses the order."""
    order = [*names, FLOOR]
    for row in rows:
        for name in order:
            servers.warm_up(name, row, chosen.warm_up)
    figures = {row.name: {name: [] for name in order} for row in rows}
    other = OtherLoad(servers)
    loads = []
    for number in range(chosen.rounds):
        for row in rows:
            taken = figures[row.name]
            for name in order if number % 2 == 0 else reversed(order):
                taken[name].append(servers.take(name, row, chosen.seconds))
            print(f"round {number + 1}: {row.name}: " + ", ".join(f"{name} {taken[name][-1]:.2f} us" for name in order), flush=True)
        loads.append(other.share())
        print(f"round {number + 1}: other load {loads[-1]:.1%}", flush=True)
    return figures, loads
