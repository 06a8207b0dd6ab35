using System.Text;
using FastGate.HandOver;
using FastGate.Transport.Linux;

namespace FastGate.Tests.Restart.TakeOver;

/// <summary>
/// Connections whose owner writes its name to the device when it begins to serve it. The server's ends are plain descriptors, as those of detached
/// sockets are.
/// </summary>
internal sealed class FakeDevices : IDisposable
{
    public const char Old = 'o';
    public const char New = 'n';

    private readonly List<DescriptorSocket> _devices = [];

    public FakeDevices(int count)
    {
        for (int i = 0; i < count; i++)
        {
            (DescriptorSocket device, int descriptor) = DescriptorSocket.CreatePair();
            _devices.Add(device);
            States.Add(new ConnectionState { DeviceId = $"device-{i}", Descriptor = descriptor, UnsentOutput = Encoding.ASCII.GetBytes($"unsent-{i}") });
        }
    }

    public List<ConnectionState> States { get; } = [];

    /// <summary>Serves the connections: writes the owner's name to each.</summary>
    public static void Serve(IEnumerable<ConnectionState> states, char owner)
    {
        foreach (ConnectionState state in states)
        {
            Assert.Equal(1, LinuxSocket.Send(state.Descriptor, [(byte)owner]));
        }
    }

    public static void Close(IEnumerable<ConnectionState> states)
    {
        foreach (ConnectionState state in states)
        {
            LinuxSocket.Close(state.Descriptor);
        }
    }

    /// <summary>The names of all owners of each device; a point follows when no process holds the connection.</summary>
    public IReadOnlyList<string> Owners()
    {
        byte[] buffer = new byte[8];
        List<string> owners = [];
        foreach (DescriptorSocket device in _devices)
        {
            string names = "";
            try
            {
                while (true)
                {
                    int length = device.Receive(buffer, [], TimeSpan.Zero);
                    if (length == 0)
                    {
                        names += '.';
                        break;
                    }

                    names += Encoding.ASCII.GetString(buffer, 0, length);
                }
            }
            catch (TimeoutException)
            {
                // Open, and nothing more to read.
            }

            owners.Add(names);
        }

        return owners;
    }

    public void Dispose() => _devices.ForEach(static device => device.Dispose());
}
