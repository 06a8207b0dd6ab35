using System.Buffers.Binary;
using System.Net;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Limits;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting.Adapters;

/// <summary>Connects the limits of addresses and devices with the connections, the bans and the flight recorder.</summary>
internal sealed class SuspectActs : ISuspectActs
{
    private readonly ConnectionServices _connections;
    private readonly LimitMetrics _metrics;
    private readonly ILogger _log;

    public SuspectActs(ConnectionServices connections, LimitMetrics metrics, ILogger log)
    {
        _connections = connections;
        _metrics = metrics;
        _log = log;
        SourceLimits limits = connections.Limits;
        limits.Judge.Acts = this;
        limits.OnRefused = Record;
        limits.IsTrusted = connections.Peers.IsExempt;
        limits.IsBanned = address => connections.Fleet.Bans.Find(address) is not null;
    }

    public IReadOnlySet<UInt128> WithDevices(IReadOnlySet<UInt128> sources, Func<UInt128, UInt128> sourceOf)
    {
        HashSet<UInt128> found = [];
        foreach (DeviceConnection connection in _connections.Registry)
        {
            UInt128 source = sourceOf(connection.SourceAddress);
            if (sources.Contains(source))
            {
                found.Add(source);
            }
        }

        return found;
    }

    public void Ban(IReadOnlyList<Suspect> suspects, int prefix, TimeSpan time)
    {
        IReadOnlyList<Ban> bans = _connections.Fleet.Bans.AddAutomatic(
            suspects.Select(suspect => suspect.Device is { } device
                ? (device, null, "it connects too often")
                : ((string?)null, (AddressRange?)RangeOf(suspect.Source, prefix), "it has too many refused handshakes")),
            time);
        foreach (Ban ban in bans)
        {
            _metrics.Banned(isDevice: ban.Device is not null);
            _log.AutomaticallyBanned(ban.Device ?? ban.Range.ToString()!, ban.Until, ban.Reason!, ban.Id);
        }
    }

    private static AddressRange RangeOf(UInt128 source, int prefix) => AddressRange.Of(source, source >> 32 == 0xFFFF ? 128 : prefix);

    /// <summary>On a loop, for one connect of an address a second.</summary>
    private void Record(UInt128 address, SourceRefusal limit)
    {
        Verdict verdict = limit switch
        {
            SourceRefusal.Wait => Verdict.WaitedTooLong,
            SourceRefusal.Descriptor => Verdict.NoDescriptor,
            _ => Verdict.AddressLimited,
        };
        if (!_connections.Recorder.Note(verdict, address, SourceKey.Of(address), default))
        {
            return;
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, address);
        var peer = new IPAddress(bytes);
        _connections.Recorder.Add(new ConnectionRecord
        {
            At = DateTimeOffset.UtcNow,
            Verdict = verdict,
            Peer = new IPEndPoint(peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer, 0),
            Error = verdict.ToString(),
            Detail = limit switch
            {
                SourceRefusal.Connections => "too many connections (Devices:Rates:Connections)",
                SourceRefusal.Handshakes => "too many requests that are not complete (Devices:Rates:Handshakes)",
                SourceRefusal.Banned => "the address is banned",
                SourceRefusal.Wait => "no turn within Devices:Rates:LongestWait",
                SourceRefusal.Descriptor => "no descriptor for another connection",
                _ => "too many connects (Devices:Rates:ConnectsPerSecond)",
            },
        });
    }
}
