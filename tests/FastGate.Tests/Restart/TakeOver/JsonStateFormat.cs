using System.Text.Json;
using FastGate.HandOver;
using FastGate.Restart.TakeOver;

namespace FastGate.Tests.Restart.TakeOver;

/// <summary>Writes states as JSON; with <paramref name="newest"/> of another release.</summary>
internal sealed class JsonStateFormat(int oldest = 1, int newest = 1) : IStateFormat
{
    public int Oldest => oldest;

    public int Newest => newest;

    /// <summary>Makes the next record unreadable.</summary>
    public bool IsBroken { get; set; }

    public void Write(GatewayState state, Stream target) => JsonSerializer.Serialize(target, state);

    public GatewayState Read(Stream source) =>
        IsBroken ? throw new InvalidDataException("the record is damaged") : JsonSerializer.Deserialize<GatewayState>(source)!;
}
