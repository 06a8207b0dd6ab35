using System.Net;
using System.Net.Sockets;

namespace FastGate.Auth;

/// <summary>
/// Counts wrong management secrets and admin tokens per source address, and delays a source for a growing time. The caller refuses even the right secret
/// then, because a guess that is checked during the delay makes the delay useless. Tokens of devices have no delay: a right one of the same address must not
/// wait, and wrong ones lead to a ban. Any thread; the lock is never taken for messages of a conversation.
/// </summary>
internal sealed class GuessBackoff(TimeProvider time)
{
    /// <summary>Mistakes of a person who mistypes a secret.</summary>
    public const int Free = 3;

    /// <summary>Sources with wrong secrets that are remembered; above it the one whose delay ends first is forgotten.</summary>
    public const int MaxSources = 1_024;

    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(1);

    /// <summary>A source without a wrong secret for this long starts anew.</summary>
    private static readonly TimeSpan s_forgotten = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, (int Wrong, long Last, long Until)> _sources = [];

    public int Sources
    {
        get
        {
            lock (_lock)
            {
                return _sources.Count;
            }
        }
    }

    /// <summary>How long the source is refused from now; zero when it may try.</summary>
    public TimeSpan DelayOf(EndPoint? source)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            return _sources.TryGetValue(KeyOf(source), out (int Wrong, long Last, long Until) known) && known.Until > now
                ? time.GetElapsedTime(now, known.Until)
                : TimeSpan.Zero;
        }
    }

    /// <returns>The number of wrong secrets of the source since it last started anew.</returns>
    public int OnWrong(EndPoint? source)
    {
        IPAddress key = KeyOf(source);
        long now = time.GetTimestamp();
        lock (_lock)
        {
            int wrong = _sources.TryGetValue(key, out (int Wrong, long Last, long Until) known) && time.GetElapsedTime(known.Last, now) < s_forgotten
                ? known.Wrong + 1
                : 1;
            if (_sources.Count == MaxSources && !_sources.ContainsKey(key))
            {
                _sources.Remove(_sources.MinBy(static source => source.Value.Until).Key);
            }

            TimeSpan delay = wrong < Free ? TimeSpan.Zero : s_shortest * Math.Pow(2, Math.Min(wrong - Free, 6));
            delay = delay < s_longest ? delay : s_longest;
            _sources[key] = (wrong, now, now + (long)(delay.TotalSeconds * time.TimestampFrequency));
            return wrong;
        }
    }

    public void OnRight(EndPoint? source)
    {
        lock (_lock)
        {
            _sources.Remove(KeyOf(source));
        }
    }

    /// <summary>One IPv6 host has a whole /64 network of addresses.</summary>
    private static IPAddress KeyOf(EndPoint? source)
    {
        if (source is not IPEndPoint { Address: IPAddress address })
        {
            return IPAddress.None;
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        byte[] network = address.GetAddressBytes();
        network.AsSpan(8).Clear();
        return new IPAddress(network);
    }
}
