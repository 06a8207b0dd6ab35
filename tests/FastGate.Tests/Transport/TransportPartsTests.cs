using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using FastGate.Configuration.Options;
using FastGate.Hosting.Adapters;
using FastGate.Transport;
using FastGate.Transport.Accept;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.Linux;
using FastGate.Transport.Loops;
using FastGate.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Transport;

/// <summary>Small parts of the transports: backoff, addresses, pool, factory, limits.</summary>
public sealed class TransportPartsTests
{
    [Fact]
    public void Pressure_backs_off_and_transient_errors_do_not()
    {
        var backoff = new AcceptBackoff();
        Assert.Equal(
            [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000],
            Enumerable.Range(0, 8).Select(_ => backoff.NextDelayMs(AcceptErrorKind.Pressure)));
        backoff.Reset();
        Assert.All(
            Enumerable.Range(0, AcceptBackoff.FreeTransients).Select(_ => backoff.NextDelayMs(AcceptErrorKind.Transient)),
            static delay => Assert.Equal(0, delay));
        Assert.Equal(100, backoff.NextDelayMs(AcceptErrorKind.Transient));
    }

    [Theory]
    [InlineData(LinuxError.TooManyFiles, AcceptErrorKind.Pressure)]
    [InlineData(LinuxError.FileTableFull, AcceptErrorKind.Pressure)]
    [InlineData(LinuxError.NoMemory, AcceptErrorKind.Pressure)]
    [InlineData(LinuxError.NoBuffers, AcceptErrorKind.Pressure)]
    [InlineData(LinuxError.ConnectionAborted, AcceptErrorKind.Transient)]
    [InlineData(LinuxError.NotSocket, AcceptErrorKind.Fatal)]
    internal void Accept_errors_are_classified(int error, object kind) => Assert.Equal(kind, LinuxError.AcceptKind(-error));

    [Theory]
    [InlineData("127.0.0.1", 8000)]
    [InlineData("255.1.2.3", 65_535)]
    [InlineData("::1", 1)]
    [InlineData("2001:db8::17", 40_000)]
    public void Addresses_round_trip_through_the_kernel_layout(string address, int port)
    {
        var endPoint = new IPEndPoint(IPAddress.Parse(address), port);
        Span<byte> raw = stackalloc byte[LinuxSocket.AddressSize];
        LinuxAddress.Write(endPoint, raw);
        Assert.Equal(endPoint, LinuxAddress.Read(raw));
        bool isIpv4 = LinuxAddress.TryPack(raw, out ulong packed);
        Assert.Equal(!address.Contains(':', StringComparison.Ordinal), isIpv4);
        if (isIpv4)
        {
            Assert.Equal(endPoint, LinuxAddress.Unpack(packed));
        }
    }

    [Fact]
    public void Mapped_addresses_are_read_as_plain_ones()
    {
        Span<byte> raw = stackalloc byte[LinuxSocket.AddressSize];
        LinuxAddress.Write(new IPEndPoint(IPAddress.Parse("::ffff:10.1.2.3"), 77), raw);
        Assert.True(LinuxAddress.TryPack(raw, out ulong packed));
        Assert.Equal(new IPEndPoint(IPAddress.Parse("10.1.2.3"), 77), LinuxAddress.Unpack(packed));
        Assert.Equal(new IPEndPoint(IPAddress.Parse("10.1.2.3"), 77), LinuxAddress.Read(raw));
    }

    [Fact]
    public void The_pool_rounds_up_and_reuses_until_it_is_trimmed()
    {
        var pool = new SegmentPool();
        foreach ((int asked, int given) in ((int, int)[])[(0, 2_048), (2_048, 2_048), (2_049, 4_096), (65_536, 65_536), (65_537, 65_537)])
        {
            PipeSegment segment = pool.Rent(asked);
            Assert.Equal(given, segment.Array.Length);
            pool.Return(segment);
        }

        PipeSegment first = pool.Rent(5_000);
        first.End = 17;
        pool.Return(first);
        PipeSegment again = pool.Rent(8_192);
        Assert.Same(first, again);
        Assert.Equal(0, again.End);
        pool.Return(again);
        Assert.Equal(0, pool.Rented);
        Assert.True(pool.RetainedBytes > 0);
        pool.Trim();
        Assert.Equal(0, pool.RetainedBytes);
    }

    [Fact]
    public void The_pool_keeps_no_more_than_its_bound()
    {
        var pool = new SegmentPool();
        PipeSegment[] segments = [.. Enumerable.Range(0, 50).Select(_ => pool.Rent(SegmentPool.LargestSize))];
        Array.ForEach(segments, pool.Return);
        Assert.Equal(SegmentPool.RetainedBytesPerSize, pool.RetainedBytes);
    }

    [Theory]
    [InlineData(DeviceTransportKind.Sockets, typeof(SocketsTransport))]
    [InlineData(DeviceTransportKind.EventLoop, typeof(EventLoopTransport))]
    [InlineData(DeviceTransportKind.Auto, typeof(EventLoopTransport))]
    internal async Task The_factory_creates_the_configured_transport(object kind, Type expected)
    {
        await using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new TransportMetrics(services.GetRequiredService<IMeterFactory>().Create("FastGate"));
        var options = new DeviceOptions { Transport = (DeviceTransportKind)kind };
        await using ITransport transport = DeviceTransportFactory.Create(options, NullLoggerFactory.Instance, metrics);
        Type runs = EventLoopTransport.WhyUnsupported() is null ? expected : typeof(SocketsTransport);
        Assert.IsType(runs, transport);
    }

    [Fact]
    public async Task Each_kind_of_accept_error_is_exported_as_zero()
    {
        await using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        Meter meter = services.GetRequiredService<IMeterFactory>().Create("FastGate");
        List<string?> kinds = [];
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, meter) && instrument.Name == "fastgate.transport.accept_errors")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => kinds.Add((string?)tags[0].Value));
        listener.Start();

        _ = new TransportMetrics(meter);

        Assert.Equal(Enum.GetNames<AcceptErrorKind>(), kinds);
    }

    [Fact]
    public async Task Auto_falls_back_to_sockets_and_logs_the_reason()
    {
        await using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new TransportMetrics(services.GetRequiredService<IMeterFactory>().Create("FastGate"));
        using var loggers = new RecordingLoggerFactory();
        var options = new DeviceOptions { Transport = DeviceTransportKind.Auto };
        await using ITransport transport = DeviceTransportFactory.Create(options, loggers, metrics, whyUnsupported: static () => "the sandbox forbids epoll");
        Assert.IsType<SocketsTransport>(transport);
        (LogLevel Level, int Id, string Text) line = Assert.Single(loggers.Log.Lines);
        Assert.Equal((LogLevel.Information, 5004), (line.Level, line.Id));
        Assert.Contains("the sandbox forbids epoll", line.Text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line.Text);

        // Configured explicitly, event loops must not be replaced silently.
        DeviceOptions explicitLoops = options with { Transport = DeviceTransportKind.EventLoop };
        PlatformNotSupportedException error = Assert.Throws<PlatformNotSupportedException>(
            () => DeviceTransportFactory.Create(explicitLoops, loggers, metrics, whyUnsupported: static () => "the sandbox forbids epoll"));
        Assert.Contains("the sandbox forbids epoll", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MaxConnections_above_the_open_file_limit_is_lowered_with_a_warning()
    {
        var log = new RecordingLogger<TransportPartsTests>();
        Assert.Equal(1, DeviceTransportFactory.ClampConnections(Limited(1), inherited: 0, log));
        Assert.DoesNotContain(log.Lines, static line => line.Level == LogLevel.Warning);

        int allowed = DeviceTransportFactory.ClampConnections(Limited(int.MaxValue), inherited: 0, log);
        (LogLevel Level, int Id, string Text) line = Assert.Single(log.Lines, static line => line.Level == LogLevel.Warning);
        Assert.Equal((LogLevel.Warning, 5009), (line.Level, line.Id));
        Assert.Contains($"MaxConnections is {int.MaxValue}", line.Text, StringComparison.Ordinal);
        Assert.Contains($"room for {allowed};", line.Text, StringComparison.Ordinal);

        // Compared with the kernel's own report of the limit, less a reserve.
        string limit = File.ReadLines("/proc/self/limits").Single(static text => text.StartsWith("Max open files", StringComparison.Ordinal));
        string soft = limit["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        long files = soft == "unlimited" ? int.MaxValue : Math.Min(long.Parse(soft, CultureInfo.InvariantCulture), int.MaxValue);
        Assert.InRange(allowed, 1, files - Math.Min(256, files / 8));
    }

    /// <summary>The connections that the program before has left are open files of this one, and already have their places.</summary>
    [Fact]
    public void Inherited_connections_keep_their_places_in_the_descriptor_budget()
    {
        var log = new RecordingLogger<TransportPartsTests>();
        Assert.Equal(5, DeviceTransportFactory.ClampConnections(Limited(1), inherited: 5, log));

        // Other tests open files meanwhile, so the limit is far above what they change.
        var budget = new DescriptorBudget(1_000_000);
        Assert.InRange(budget.CountDevices(0, inherited: 100_000) - budget.CountDevices(0), 99_000, 101_000);
        Assert.InRange(new DescriptorBudget(1_000).CountDevices(0, inherited: 50_000), 50_000, int.MaxValue);
    }

    private static DeviceOptions Limited(int connections) => new() { MaxConnections = connections, Transport = DeviceTransportKind.Sockets };
}
