using System.Net;

namespace FastGate.LoadTest.Load;

/// <summary>
/// Where connections come from. A loopback address has 28,000 ports for one target, so devices use many addresses of 127.0.0.0/8;
/// the server then also sees more than one client address.
/// </summary>
internal sealed class SourceAddresses
{
    private readonly IPEndPoint[] _sources;

    public SourceAddresses(IPEndPoint target, int count) =>
        _sources = IPAddress.IsLoopback(target.Address) ? [.. Enumerable.Range(0, count).Select(EndPointOf)] : [];

    /// <summary>Null leaves the choice to the kernel.</summary>
    public IPEndPoint? Of(int number) => _sources.Length == 0 ? null : _sources[number % _sources.Length];

    /// <summary>From 127.1.0.1 on, away from the addresses that other programs of the machine use.</summary>
    private static IPEndPoint EndPointOf(int index) => new(new IPAddress([127, 1, (byte)((index + 1) >> 8), (byte)(index + 1)]), 0);
}
