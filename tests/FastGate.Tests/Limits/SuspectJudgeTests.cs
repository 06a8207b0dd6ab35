using FastGate.Configuration.Options;
using FastGate.Limits;

namespace FastGate.Tests.Limits;

public sealed class SuspectJudgeTests : IDisposable
{
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(60);
    private static readonly UInt128 s_attacker = LimitFixture.Address("203.0.113.7");
    private static readonly UInt128 s_carrier = LimitFixture.Address("198.51.100.1");

    private readonly LimitFixture _fixture = new(new RateOptions { FailuresPerMinute = 10, BanTime = TimeSpan.FromMinutes(7) });
    private readonly RecordingActs _acts = new();

    public SuspectJudgeTests() => _fixture.Limits.Judge.Acts = _acts;

    public void Dispose()
    {
        _fixture.Dispose();
        _acts.Dispose();
    }

    [Fact]
    public async Task Address_with_many_refused_handshakes_is_banned()
    {
        Fail(s_attacker, times: 10);
        Assert.Empty(_acts.Banned);

        Fail(s_attacker, times: 1);

        Assert.Equal((new Suspect(s_attacker, null), TimeSpan.FromMinutes(7)), await _acts.TakeAsync());
    }

    [Fact]
    public async Task Address_of_a_connected_device_is_spared()
    {
        _acts.Connected.Add(s_carrier);
        Fail(s_carrier, times: 50);
        await _acts.LookedAt.WaitAsync(s_hang);

        // The judge pauses between two rounds: the next one decides about both.
        Fail(s_carrier, times: 1);
        Fail(s_attacker, times: 11);
        await _fixture.Time.Armed.ReachAsync(1);
        _fixture.Time.Turn(TimeSpan.FromSeconds(1));

        Assert.Equal(s_attacker, (await _acts.TakeAsync()).Suspect.Source);
        Assert.Empty(_acts.Banned);
    }

    [Fact]
    public async Task Device_that_has_proved_its_id_is_banned_and_one_that_has_not_waits()
    {
        for (int i = 0; i < 16; i++)
        {
            _fixture.Limits.TryConnect("guess"u8, s_attacker, isAuthenticated: false);
            _fixture.Limits.TryConnect("flapping"u8, s_carrier, isAuthenticated: true);
        }

        Assert.Equal(new Suspect(0, "flapping"), (await _acts.TakeAsync()).Suspect);
        Assert.Empty(_acts.Banned);
    }

    [Fact]
    public async Task Failures_of_a_banned_address_are_not_judged_again()
    {
        _fixture.Limits.IsBanned = static address => address == s_attacker;
        Fail(s_attacker, times: 100);
        Fail(s_carrier, times: 11);

        Assert.Equal(s_carrier, (await _acts.TakeAsync()).Suspect.Source);
        Assert.Empty(_acts.Banned);
    }

    [Fact]
    public async Task Failed_round_is_logged_and_the_next_one_judges_again()
    {
        _acts.Fails = true;
        Fail(s_attacker, times: 11);
        await _fixture.Time.Armed.ReachAsync(1);
        Assert.Single(_fixture.Log.WithId(7662));

        _acts.Fails = false;
        Fail(s_attacker, times: 1);
        _fixture.Time.Turn(TimeSpan.FromSeconds(1));

        Assert.Equal(s_attacker, (await _acts.TakeAsync()).Suspect.Source);
    }

    private void Fail(UInt128 address, int times)
    {
        for (int i = 0; i < times; i++)
        {
            _fixture.Limits.Failed(address);
        }
    }
}
