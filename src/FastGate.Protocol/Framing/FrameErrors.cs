using System.Diagnostics;

namespace FastGate.Protocol.Framing;

/// <summary>The one map from what is wrong with frames to how the connection is closed.</summary>
public static class FrameErrors
{
    /// <summary>
    /// The close status an error earns: 1002 for a broken protocol, 1007 for bad text, 1009 for what is too big, and 1008 for
    /// a message in too many pieces, which breaks our policy and not a size.
    /// </summary>
    /// <param name="error">Any error but <see cref="FrameError.None"/>.</param>
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
        FrameError.InvalidUtf8 or FrameError.CloseReasonInvalidUtf8 => CloseStatus.InvalidPayload,
        FrameError.FrameTooBig or FrameError.MessageTooBig => CloseStatus.MessageTooBig,
        FrameError.TooManyFragments => CloseStatus.PolicyViolation,
        _ => throw new UnreachableException($"Frame error {error} earns no close status."),
    };
}
