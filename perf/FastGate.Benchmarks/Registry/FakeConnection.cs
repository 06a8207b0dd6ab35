using FastGate.Registry;

namespace FastGate.Benchmarks.Registry;

internal sealed class FakeConnection(string deviceId) : IRegisteredConnection
{
    public string DeviceId => deviceId;

    public static FakeConnection[] Many(int first, int count)
    {
        var connections = new FakeConnection[count];
        for (int i = 0; i < count; i++)
        {
            connections[i] = new FakeConnection(Captured.DeviceId(first + i));
        }

        return connections;
    }
}
