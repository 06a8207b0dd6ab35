using System.Buffers.Binary;
using System.Diagnostics.Metrics;
using System.Net;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Limits;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Limits;

/// <summary>Limits on a clock that only the test turns.</summary>
internal sealed class LimitFixture : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private long _nowMs = 1_000_000;

    public LimitFixture(RateOptions? options = null)
    {
        Metrics = new LimitMetrics(_services.GetRequiredService<IMeterFactory>());
        Limits = new SourceLimits(options ?? new RateOptions(), () => Volatile.Read(ref _nowMs), Metrics, Log, Time);
    }

    public RecordingLogger<LimitFixture> Log { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    public LimitMetrics Metrics { get; }

    public SourceLimits Limits { get; }

    public static UInt128 Address(string text)
    {
        Span<byte> bytes = stackalloc byte[16];
        IPAddress.Parse(text).MapToIPv6().TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    public void Turn(TimeSpan by) => Volatile.Write(ref _nowMs, _nowMs + (long)by.TotalMilliseconds);

    public long Refused(SourceRefusal limit) => Metrics.RefusedBy((int)limit);

    public void Dispose() => _services.Dispose();
}
