using FastGate.Protocol.Handshake;

namespace FastGate.Protocol.Identity;

/// <summary>The known keys of a query, read in one pass. Of a repeated key, the first non-empty value counts.</summary>
/// <remarks>query = *( key "=" value "&amp;" ). Keys are case-sensitive, as in other servers for these devices; keys and values may be percent-encoded.</remarks>
internal ref struct IdentityQuery
{
    private readonly Span<byte> _scratch;
    private int _used;

    private IdentityQuery(Span<byte> scratch) => _scratch = scratch;

    /// <summary>Decoded values.</summary>
    public Value DeviceId;
    public Value DeviceIdUnderscore;
    public Value ClientId;
    public Value ClientIdUnderscore;
    public Value Authorization;
    public Value From;
    public Value ProtocolVersion;

    /// <summary>True when the key of an id is repeated with a different id.</summary>
    public bool RepeatsDisagree { get; private set; }

    /// <summary>Bytes of the scratch that hold decoded values.</summary>
    public readonly int ScratchUsed => _used;

    /// <summary>Reads <paramref name="query"/>; <paramref name="scratch"/> is at least as long.</summary>
    public static IdentityQuery Read(ReadOnlySpan<byte> query, Span<byte> scratch)
    {
        var result = new IdentityQuery(scratch);
        foreach (Range range in query.Split((byte)'&'))
        {
            ReadOnlySpan<byte> pair = query[range];
            int equals = pair.IndexOf((byte)'=');
            if (equals >= 0)
            {
                result.Take(pair[..equals], pair[(equals + 1)..]);
            }
        }

        return result;
    }

    private void Take(ReadOnlySpan<byte> key, ReadOnlySpan<byte> encoded)
    {
        if (PercentEncoding.IsNeeded(key))
        {
            // The decoded key is temporary. The free part of the scratch is at least as long as the rest of the query.
            Span<byte> free = _scratch[_used..];
            key = free[..PercentEncoding.Decode(key, free)];
        }

        switch (key.Length)
        {
            case 4 when key.SequenceEqual("from"u8):
                Keep(ref From, encoded, isId: false);
                break;
            case 9 when key.SequenceEqual("device-id"u8):
                Keep(ref DeviceId, encoded, isId: true);
                break;
            case 9 when key.SequenceEqual("device_id"u8):
                Keep(ref DeviceIdUnderscore, encoded, isId: true);
                break;
            case 9 when key.SequenceEqual("client-id"u8):
                Keep(ref ClientId, encoded, isId: true);
                break;
            case 9 when key.SequenceEqual("client_id"u8):
                Keep(ref ClientIdUnderscore, encoded, isId: true);
                break;
            case 13 when key.SequenceEqual("authorization"u8):
                Keep(ref Authorization, encoded, isId: false);
                break;
            case 16 when key.SequenceEqual("protocol-version"u8):
                Keep(ref ProtocolVersion, encoded, isId: false);
                break;
        }
    }

    private void Keep(ref Value field, ReadOnlySpan<byte> encoded, bool isId)
    {
        field.IsPresent = true;
        if (encoded.IsEmpty)
        {
            return;
        }

        ReadOnlySpan<byte> decoded = encoded;
        int length = 0;
        if (PercentEncoding.IsNeeded(encoded))
        {
            Span<byte> free = _scratch[_used..];
            length = PercentEncoding.Decode(encoded, free);
            decoded = free[..length];
        }

        if (field.Text.IsEmpty)
        {
            field.Text = decoded;
            _used += length;
        }
        else if (isId && !IdentityText.SameId(field.Text, decoded))
        {
            RepeatsDisagree = true;
        }
    }

    /// <summary>The first non-empty value of a key, and whether the key is present.</summary>
    public ref struct Value
    {
        public ReadOnlySpan<byte> Text;
        public bool IsPresent;
    }
}
