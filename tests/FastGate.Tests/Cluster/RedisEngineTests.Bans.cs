using FastGate.Cluster;

namespace FastGate.Tests.Cluster;

/// <summary>The list of bans that all nodes share.</summary>
public sealed partial class RedisEngineTests
{
    [RedisFact]
    public async Task Of_two_entries_about_the_same_the_greater_id_stays()
    {
        var ban = new SharedBan(5, "lamp", null, 1, 9_000, "\"noisy\" ü", IsEnd: false);
        var address = new SharedBan(6, null, "lamp", 1, null, null, IsEnd: false);
        await _engine.PutBansAsync([ban, address], []);
        await _engine.PutBansAsync([ban with { Id = 4, IsEnd = true }, ban with { Reason = "the same id" }], []);
        Assert.Equal([ban, address], (await _engine.BansAsync()).OrderBy(static entry => entry.Id));

        SharedBan end = ban with { Id = 7, IsEnd = true };
        await _engine.PutBansAsync([end], []);
        await _engine.PutBansAsync([ban], []);
        Assert.Equal([address, end], (await _engine.BansAsync()).OrderBy(static entry => entry.Id));
    }

    [RedisFact]
    public async Task An_entry_is_removed_unless_there_is_a_newer_one()
    {
        var ban = new SharedBan(5, "lamp", null, 1, null, null, IsEnd: false);
        await _engine.PutBansAsync([ban with { Id = 6 }], []);
        await _engine.PutBansAsync([], [ban]);
        Assert.Equal([ban with { Id = 6 }], await _engine.BansAsync());
        await _engine.PutBansAsync([], [ban with { Id = 6 }]);
        Assert.Empty(await _engine.BansAsync());
    }

    [RedisFact]
    public async Task An_entry_that_is_not_understood_is_left_out()
    {
        await _raw.GetDatabase().HashSetAsync($"{_prefix}:bans", "device x", "5 [later]");
        Assert.Empty(await _engine.BansAsync());
    }
}
