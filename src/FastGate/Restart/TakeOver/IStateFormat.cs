using FastGate.HandOver;

namespace FastGate.Restart.TakeOver;

/// <summary>Writes and reads the record of the state.</summary>
internal interface IStateFormat
{
    /// <summary>The oldest version that is read.</summary>
    int Oldest { get; }

    /// <summary>The version that is written, and the newest that is read.</summary>
    int Newest { get; }

    void Write(GatewayState state, Stream target);

    /// <summary>Throws <see cref="InvalidDataException"/> for a record that cannot be read.</summary>
    GatewayState Read(Stream source);
}
