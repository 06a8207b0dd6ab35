using System.Buffers;
using System.Security.Cryptography;

namespace FastGate.Protocol.Messages;

/// <summary>
/// What a device said. Lent: every span is a slice of the message that was read. A field that is missing or of another JSON kind
/// than it should be is empty, 0 or None; none of them makes a message wrong.
/// </summary>
public readonly ref struct DeviceMessage
{
    /// <summary>What the message is.</summary>
    public DeviceMessageType Type { get; internal init; }

    /// <summary>The <c>type</c> between its quotes, with escapes, for diagnosis; empty when it is missing or no string.</summary>
    public ReadOnlySpan<byte> RawType { get; internal init; }

    /// <summary>The <c>state</c>, of a <c>listen</c>.</summary>
    public ListenState State { get; internal init; }

    /// <summary>The <c>mode</c>, of a <c>listen</c>.</summary>
    public ListenMode Mode { get; internal init; }

    /// <summary>Whether there is a <c>text</c>, be it empty.</summary>
    public bool HasText { get; internal init; }

    /// <summary>The <c>text</c> between its quotes, with escapes.</summary>
    public ReadOnlySpan<byte> RawText { get; internal init; }

    /// <summary>The protocol version of a hello; 0 when absent or no positive integer.</summary>
    public int Version { get; internal init; }

    /// <summary>The features of a hello.</summary>
    public DeviceFeatures Features { get; internal init; }

    /// <summary>The audio parameters of a hello.</summary>
    public AudioParameters Audio { get; internal init; }

    /// <summary>The <c>payload</c> of an <c>mcp</c> message: an object's JSON, or empty.</summary>
    public ReadOnlySpan<byte> Payload { get; internal init; }

    /// <summary>The <c>descriptors</c> of an <c>iot</c> message: an array's JSON, or empty.</summary>
    public ReadOnlySpan<byte> Descriptors { get; internal init; }

    /// <summary>The <c>states</c> of an <c>iot</c> message: an array's JSON, or empty.</summary>
    public ReadOnlySpan<byte> States { get; internal init; }

    /// <summary>The <c>action</c> of a <c>server</c> message.</summary>
    public ServerAction Action { get; internal init; }

    /// <summary>The <c>content</c> of a <c>server</c> message: an object's JSON, or empty.</summary>
    public ReadOnlySpan<byte> Content { get; internal init; }

    /// <summary>The <c>secret</c> inside <see cref="Content"/> between its quotes, with escapes. Never to be logged.</summary>
    public ReadOnlySpan<byte> RawSecret { get; internal init; }

    /// <summary>The <c>text</c> with its escapes resolved; empty when there is none. Half a surrogate pair becomes U+FFFD.</summary>
    public string GetText() => JsonText.GetString(RawText);

    /// <summary>The <c>type</c> with its escapes resolved.</summary>
    public string GetTypeName() => JsonText.GetString(RawType);

    /// <summary>
    /// Whether the message carries this secret, in a time that does not tell how much of it was right. An empty secret is never met.
    /// </summary>
    /// <param name="expected">The configured secret, UTF-8.</param>
    public bool SecretEquals(ReadOnlySpan<byte> expected)
    {
        // An escape makes six bytes of one at most; nothing longer can be the secret, and nothing longer is copied.
        if (expected.IsEmpty || RawSecret.IsEmpty || RawSecret.Length > expected.Length * 6L)
        {
            return false;
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(RawSecret.Length);
        Span<byte> secret = rented.AsSpan(0, JsonText.Unescape(RawSecret, rented));
        bool equal = CryptographicOperations.FixedTimeEquals(secret, expected);
        ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        return equal;
    }
}
