using System.Buffers.Binary;
using System.Text.Unicode;

namespace FastGate.Protocol.Framing;

/// <summary>The payload of a Close frame (RFC 6455 section 5.5.1): empty, or a 16-bit big-endian status and a reason in UTF-8.</summary>
public static class ClosePayload
{
    /// <summary>Maximum length of a reason in bytes.</summary>
    public const int MaxReason = FrameHeader.MaxControlPayload - 2;

    /// <summary>
    /// Whether a status may be sent in a Close frame, in either direction: 1000 to 1003, 1007 to 1014 and 3000 to 4999
    /// (section 7.4.2). 1004, 1005, 1006, 1015 and unregistered values may not.
    /// </summary>
    public static bool MayBeSent(CloseStatus status) =>
        (ushort)status is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);

    /// <summary>Reads the payload of a Close frame.</summary>
    /// <param name="payload">The unmasked payload, 0 to 125 bytes.</param>
    /// <param name="status">The status; <see cref="CloseStatus.NoStatus"/> when the payload is empty or invalid.</param>
    /// <param name="reason">The reason, a slice of the payload; it may be empty.</param>
    /// <param name="error">The violation when the result is false.</param>
    /// <returns>False when the payload violates section 5.5.1 or 7.4.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out CloseStatus status, out ReadOnlySpan<byte> reason, out FrameError error)
    {
        status = CloseStatus.NoStatus;
        reason = default;
        error = FrameError.None;
        if (payload.IsEmpty)
        {
            return true;
        }

        if (payload.Length == 1)
        {
            error = FrameError.CloseTooShort;
            return false;
        }

        var code = (CloseStatus)BinaryPrimitives.ReadUInt16BigEndian(payload);
        if (!MayBeSent(code))
        {
            error = FrameError.CloseStatusInvalid;
            return false;
        }

        if (!Utf8.IsValid(payload[2..]))
        {
            error = FrameError.CloseReasonInvalidUtf8;
            return false;
        }

        status = code;
        reason = payload[2..];
        return true;
    }

    /// <summary>Writes a Close payload. A reason above <see cref="MaxReason"/> bytes is cut between two code points.</summary>
    /// <param name="destination">At least 125 bytes.</param>
    /// <param name="status">A status that may be sent, or <see cref="CloseStatus.NoStatus"/> for an empty payload.</param>
    /// <param name="reason">UTF-8.</param>
    /// <returns>Number of bytes written: 0, or 2 to 125.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The status must not be sent.</exception>
    public static int Write(Span<byte> destination, CloseStatus status, ReadOnlySpan<byte> reason)
    {
        if (status == CloseStatus.NoStatus)
        {
            return 0;
        }

        if (!MayBeSent(status))
        {
            throw new ArgumentOutOfRangeException(nameof(status), status, "This close status must not be sent in a Close frame.");
        }

        reason = TruncateReason(reason);
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)status);
        reason.CopyTo(destination[2..]);
        return 2 + reason.Length;
    }

    private static ReadOnlySpan<byte> TruncateReason(ReadOnlySpan<byte> reason)
    {
        if (reason.Length <= MaxReason)
        {
            return reason;
        }

        int end = MaxReason;
        while (end > 0 && (reason[end] & 0xC0) == 0x80)
        {
            end--;
        }

        return reason[..end];
    }
}
