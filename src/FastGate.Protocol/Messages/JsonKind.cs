namespace FastGate.Protocol.Messages;

/// <summary>Kind of a JSON value, by its first byte.</summary>
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
