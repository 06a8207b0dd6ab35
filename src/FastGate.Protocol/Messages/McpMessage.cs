namespace FastGate.Protocol.Messages;

/// <summary>
/// The JSON-RPC message in an <c>mcp</c> message. Every span is a slice of the payload. A member that is missing or has the wrong JSON kind is empty
/// or None.
/// </summary>
public ref struct McpMessage
{
    /// <summary>The id of the gateway's request that this message answers, as a number or as a string of digits; -1 for any other id.</summary>
    public int Id { get; internal set; }

    /// <summary>The id as written in the payload, with the quotes of a string; empty when absent or null.</summary>
    public ReadOnlySpan<byte> RawId { get; internal set; }

    /// <summary>The method of a request or notification of the device.</summary>
    public McpMethod Method { get; internal set; }

    /// <summary>The <c>result</c>: an object's JSON, or empty.</summary>
    public ReadOnlySpan<byte> Result { get; internal set; }

    /// <summary>Whether there is an <c>error</c> that is not null.</summary>
    public bool HasError { get; internal set; }

    /// <summary>A request of the device, which expects an answer.</summary>
    public readonly bool IsRequest => Method != McpMethod.None && !RawId.IsEmpty;

    internal ReadOnlySpan<byte> RawError { get; set; }

    /// <summary>The message of the error, or empty. Allocates.</summary>
    public readonly string GetError() => JsonText.GetString(RawError);
}
