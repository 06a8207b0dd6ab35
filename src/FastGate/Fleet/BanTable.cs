namespace FastGate.Fleet;

/// <summary>An immutable set of bans. A lookup allocates nothing and costs one probe for each length of prefix among the ranges.</summary>
internal sealed class BanTable
{
    private readonly Dictionary<string, Ban> _devices = new(StringComparer.Ordinal);
    private readonly Dictionary<AddressRange, Ban> _ranges = [];
    private readonly int[] _prefixes;

    public BanTable(IReadOnlyList<Ban> bans)
    {
        Bans = bans;
        foreach (Ban ban in bans)
        {
            if (ban.Range is { } range)
            {
                _ranges[range] = ban;
            }
            else
            {
                _devices[ban.Device!] = ban;
            }
        }

        _prefixes = [.. _ranges.Keys.Select(static range => range.Prefix).Distinct()];
    }

    /// <summary>In the order of their ids.</summary>
    public IReadOnlyList<Ban> Bans { get; }

    public Ban? Find(string deviceId) => _devices.GetValueOrDefault(deviceId);

    /// <param name="address">As of <see cref="AddressRange.ValueOf"/>.</param>
    public Ban? Find(UInt128 address)
    {
        foreach (int prefix in _prefixes)
        {
            if (_ranges.TryGetValue(AddressRange.Of(address, prefix), out Ban? ban))
            {
                return ban;
            }
        }

        return null;
    }
}
