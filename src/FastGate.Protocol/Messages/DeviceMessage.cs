using System.Buffers;
using System.Security.Cryptography;

namespace FastGate.Protocol.Messages;

/// <summary>
/// A text message of a device. Every span is a slice of the message that was read and is valid only as long as that. A field that is missing or has
/// the wrong JSON kind is empty, 0 or None; it never makes the message invalid.
/// </summary>
public ref struct DeviceMessage
{
    /// <summary>The message type.</summary>
    public DeviceMessageType Type { get; internal set; }

    /// <summary>The <c>state</c> of a <c>listen</c> message.</summary>
    public ListenState State { get; internal set; }

    /// <summary>The <c>mode</c> of a <c>listen</c> message.</summary>
    public ListenMode Mode { get; internal set; }

    /// <summary>Whether there is a <c>text</c>, even an empty one.</summary>
    public bool HasText { get; internal set; }

    /// <summary>The protocol version of a hello; 0 when absent or not a positive integer.</summary>
    public int Version { get; internal set; }

    /// <summary>Set by a hello whose <c>features</c> have the literal <c>"emoji":false</c>: send no emotions.</summary>
    public bool RefusesEmotions { get; internal set; }

    /// <summary>Set by a hello whose <c>features</c> have the literal <c>"mcp":true</c>: the device has tools.</summary>
    public bool OffersTools { get; internal set; }

    /// <summary>The <c>payload</c> of an <c>mcp</c> message: an object's JSON, or empty.</summary>
    public ReadOnlySpan<byte> Payload { get; internal set; }

    /// <summary>The <c>descriptors</c> of an <c>iot</c> message: an array's JSON, or empty.</summary>
    public ReadOnlySpan<byte> Descriptors { get; internal set; }

    /// <summary>The <c>states</c> of an <c>iot</c> message: an array's JSON, or empty.</summary>
    public ReadOnlySpan<byte> States { get; internal set; }

    /// <summary>The <c>action</c> of a <c>server</c> message.</summary>
    public ServerAction Action { get; internal set; }

    /// <summary>The <c>text</c> without its quotes, escapes included.</summary>
    internal ReadOnlySpan<byte> RawText { get; set; }

    /// <summary>The <c>secret</c> inside the <c>content</c> of a <c>server</c> message, in the same form. Never log it.</summary>
    internal ReadOnlySpan<byte> RawSecret { get; set; }

    /// <summary>The <c>text</c> with its escapes resolved; empty when there is none. An unpaired surrogate becomes U+FFFD. Allocates.</summary>
    public readonly string GetText() => JsonText.GetString(RawText);

    /// <summary>
    /// Compares the secret of the message with the expected one in constant time. False when either is empty.
    /// </summary>
    /// <param name="expected">The configured secret, UTF-8.</param>
    public readonly bool SecretEquals(ReadOnlySpan<byte> expected)
    {
        // An escape turns one byte into at most six, so a longer value cannot match; it is not even copied.
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
