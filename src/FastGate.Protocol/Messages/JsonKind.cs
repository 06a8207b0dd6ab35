namespace FastGate.Protocol.Messages;

/// <summary>What a JSON value is, told by its first byte.</summary>
internal enum JsonKind : byte
{
    None = 0,
    String,
    Number,
    True,
    False,
    Null,
    Object,
    Array,
}
