using System.Net;
using System.Text;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Http.Admin;
using FastGate.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>Selects connected devices and acts on them. Any thread: the registry is read without a lock, and connections take requests of any thread.</summary>
internal sealed class FleetActs(ConnectionServices connections, FleetWalk walk, ILogger log) : IFleetActs
{
    /// <summary>The connections that match, read while they are enumerated.</summary>
    public IEnumerable<DeviceConnection> Select(DeviceFilter filter) => Connections().Where(MatchOf(filter));

    /// <summary>The test of a connection.</summary>
    public Func<DeviceConnection, bool> MatchOf(DeviceFilter filter)
    {
        Func<DeviceFacts, bool> matches = filter.Compile();
        return connection => matches(FactsOf(
            connection.DeviceId, filter.Address is null ? null : connection.RemoteEndPoint, (connections.Clock.NowMs - connection.OpenedMs) / 1000.0, filter));
    }

    /// <summary>The same test for a device that connects: its age is 0, and its firmware is what is remembered of it.</summary>
    public Func<string, EndPoint?, bool> HandshakeMatchOf(DeviceFilter filter)
    {
        Func<DeviceFacts, bool> matches = filter.Compile();
        return (deviceId, address) => matches(FactsOf(deviceId, address, ageSeconds: 0, filter));
    }

    public bool Kick(string deviceId, string? reason)
    {
        if (connections.Registry.Find(deviceId) is not { } connection)
        {
            return false;
        }

        Kick(connection, reason is null ? null : Encoding.UTF8.GetBytes(reason));
        return true;
    }

    public int Kick(DeviceFilter filter, int perSecond, string? reason)
    {
        byte[]? text = reason is null ? null : Encoding.UTF8.GetBytes(reason);
        return Start("kick", filter, perSecond, connection => Kick(connection, text));
    }

    public int CloseBanned()
    {
        int closed = 0;
        BanList bans = connections.Fleet.Bans;
        bool hasRanges = bans.HasRanges;
        foreach (DeviceConnection connection in Connections())
        {
            if (bans.Find(connection.DeviceId) is { IsAutomatic: false } || (hasRanges && bans.Find(connection.RemoteEndPoint) is { IsAutomatic: false } && !IsExempt(connection)))
            {
                connection.RequestClose(ConnectionEndReason.Banned);
                closed++;
            }
        }

        return closed;
    }

    public bool Send(string deviceId, DeviceMessageKind kind, string text)
    {
        if (connections.Registry.Find(deviceId) is not { Session.HelloSeen: true } connection)
        {
            return false;
        }

        connection.Post(new OutboundMessage(KindOf(kind), Encoding.UTF8.GetBytes(text)));
        return true;
    }

    public int Send(DeviceFilter filter, int perSecond, DeviceMessageKind kind, string text)
    {
        byte[] payload = Encoding.UTF8.GetBytes(text);
        return Start("message", filter, perSecond, connection =>
        {
            if (connection.Session is { HelloSeen: true })
            {
                connection.Post(new OutboundMessage(KindOf(kind), payload));
            }
        });
    }

    private static OutboundKind KindOf(DeviceMessageKind kind) => kind == DeviceMessageKind.Speak ? OutboundKind.Line : OutboundKind.Alert;

    private static void Kick(DeviceConnection connection, byte[]? reason)
    {
        if (reason is not null)
        {
            connection.Post(new OutboundMessage(OutboundKind.Alert, reason));
        }

        connection.RequestClose(ConnectionEndReason.Kicked);
    }

    /// <summary>A device that connects again during the walk is not found twice: only connections from before it count.</summary>
    private int Start(string act, DeviceFilter filter, int perSecond, Action<DeviceConnection> each)
    {
        long now = connections.Clock.NowMs;
        IEnumerable<DeviceConnection> devices = Select(filter).Where(connection => connection.OpenedMs <= now);
        int matched = devices.Count();
        if (!walk.TryStart(devices, perSecond, each, out Task task))
        {
            throw new AdminProblemException(StatusCodes.Status503ServiceUnavailable, $"{FleetWalk.MaxWalks} acts on many devices are in progress; try again later");
        }

        _ = LogFailureAsync(act, task);
        return matched;
    }

    private async Task LogFailureAsync(string act, Task walk)
    {
        try
        {
            await walk;
        }
        catch (Exception exception)
        {
            log.AdminActFailed(exception, act);
        }
    }

    private bool IsExempt(DeviceConnection connection) =>
        connection.RemoteEndPoint is IPEndPoint { Address: { } address } && connections.Peers.IsExempt(AddressRange.ValueOf(address));

    private IEnumerable<DeviceConnection> Connections()
    {
        foreach (DeviceConnection connection in connections.Registry)
        {
            yield return connection;
        }
    }

    /// <summary>Reads only what the filter needs, because reading an address allocates an object, which some transports keep.</summary>
    private DeviceFacts FactsOf(string deviceId, EndPoint? address, double ageSeconds, DeviceFilter filter)
    {
        (string? firmware, string? board) = filter.Firmware is null && filter.Board is null ? default : connections.Fleet.Profiles.FindKind(deviceId);
        return new DeviceFacts(
            deviceId,
            filter.Address is null ? null : (address as IPEndPoint)?.Address,
            ageSeconds,
            firmware,
            board,
            filter.Tag is null ? null : connections.Fleet.Tags.Find(deviceId));
    }
}
