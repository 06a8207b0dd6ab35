using System.Diagnostics;

namespace FastGate.Protocol.Framing;

/// <summary>Maps each frame error to the close status of the connection.</summary>
public static class FrameErrors
{
    /// <summary>
    /// The close status of an error: 1002 for a protocol violation, 1007 for invalid text and invalid compressed data, 1009 for a size above the limit, and 1008 for
    /// too many fragments, which is a policy, not a size.
    /// </summary>
    /// <param name="error">Any error except <see cref="FrameError.None"/>, which throws.</param>
    public static CloseStatus ToCloseStatus(this FrameError error) => error switch
    {
        FrameError.ReservedBits
            or FrameError.ReservedOpcode
            or FrameError.NotMasked
            or FrameError.Masked
            or FrameError.ControlTooLong
            or FrameError.ControlFragmented
            or FrameError.LengthNotMinimal
            or FrameError.LengthOverflow
            or FrameError.ContinuationWithoutStart
            or FrameError.MessageInsideMessage
            or FrameError.CloseTooShort
            or FrameError.CloseStatusInvalid => CloseStatus.ProtocolError,
        FrameError.InvalidUtf8 or FrameError.CloseReasonInvalidUtf8 or FrameError.MalformedCompression => CloseStatus.InvalidPayload,
        FrameError.FrameTooBig or FrameError.MessageTooBig => CloseStatus.MessageTooBig,
        FrameError.TooManyFragments => CloseStatus.PolicyViolation,
        _ => throw new UnreachableException($"Frame error {error} has no close status."),
    };
}
