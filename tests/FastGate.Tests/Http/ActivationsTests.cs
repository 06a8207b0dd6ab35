using System.Net;
using FastGate.Fleet;
using FastGate.Http.Ota;
using FastGate.Memory;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Http;

public sealed class ActivationsTests : IDisposable
{
    private static readonly IPAddress s_address = IPAddress.Parse("203.0.113.7");

    private readonly ManualTimeProvider _time = new();
    private readonly FakeFleetStore _store = new();
    private readonly KnownDevices _known;
    private readonly Activations _activations;

    public ActivationsTests()
    {
        _known = new KnownDevices(_store, TimeProvider.System, NullLogger.Instance);
        _activations = new Activations(_known, _time);
    }

    public void Dispose() => _known.Dispose();

    [Fact]
    public void One_address_cannot_take_all_places()
    {
        for (int device = 0; device < Activations.PerAddress; device++)
        {
            Assert.NotNull(_activations.Request($"device-{device}", "c", null, s_address));
        }

        Assert.Null(_activations.Request("one more", "c", null, s_address));
        Assert.NotNull(_activations.Request("one more", "c", null, IPAddress.Parse("203.0.113.8")));

        _time.Turn(Activations.Lifetime);
        Assert.NotNull(_activations.Request("one more", "d", null, s_address));
        Assert.Single(_activations.Pending);
    }

    [Fact]
    public void All_places_are_bounded()
    {
        int given = Enumerable.Range(0, 2 * Activations.Capacity).Count(device => _activations.Request($"{device}", "c", null, new IPAddress(device / 500)) is not null);
        Assert.Equal(Activations.Capacity, given);
        Assert.Equal(Activations.Capacity, _activations.Pending.Select(static pending => pending.Code).Distinct().Count());
    }

    [Fact]
    public void Wrong_codes_are_bounded()
    {
        PendingActivation pending = _activations.Request("aa:bb", "c", "board", s_address)!;
        for (int wrong = 0; wrong < Activations.MostWrong; wrong++)
        {
            Assert.Equal(ActivationResult.Unknown, _activations.Confirm("wrong", out _));
        }

        Assert.Equal(ActivationResult.TooManyWrong, _activations.Confirm(pending.Code, out _));
        _time.Turn(Activations.Lifetime);
        pending = _activations.Request("aa:bb", "c", "board", s_address)!;
        Assert.Equal(ActivationResult.Done, _activations.Confirm(pending.Code, out string? device));
        Assert.Equal("aa:bb", device);
    }

    [Fact]
    public void Code_stays_valid_when_the_database_cannot_keep_the_device()
    {
        PendingActivation pending = _activations.Request("aa:bb", "c", null, s_address)!;
        _store.Failure = new MemoryStoreException(MemoryFailure.Unknown, "disk full");
        Assert.Throws<MemoryStoreException>(() => _activations.Confirm(pending.Code, out _));
        Assert.False(_known.IsKnown("aa:bb", "c"));

        _store.Failure = null;
        Assert.Equal(ActivationResult.Done, _activations.Confirm(pending.Code, out _));
        Assert.True(_known.IsKnown("aa:bb", "c"));
        Assert.Single(_store.Clients);
    }
}
