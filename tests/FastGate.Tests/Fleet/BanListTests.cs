using System.Net;
using FastGate.Fleet;
using FastGate.Memory;
using FastGate.Testing;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Fleet;

public sealed class BanListTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly FakeFleetStore _store = new();
    private readonly BanList _bans;

    public BanListTests() => _bans = new BanList(_store, _time);

    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3", true)]
    [InlineData("10.1.2.3", "::ffff:10.1.2.3", true)]
    [InlineData("10.1.2.0/24", "10.1.2.200", true)]
    [InlineData("10.1.2.0/24", "10.1.3.1", false)]
    [InlineData("2001:db8::/32", "2001:db8:1::5", true)]
    [InlineData("2001:db8::/32", "2001:db9::", false)]
    [InlineData("0.0.0.0/0", "198.51.100.7", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    public void Address_is_found_in_its_range(string ban, string source, bool banned)
    {
        Add(range: "192.0.2.1");
        Add(range: ban);
        Assert.Equal(banned, _bans.Find(new IPEndPoint(IPAddress.Parse(source), 5)) is not null);
    }

    [Fact]
    public void Device_is_banned_until_the_end_or_the_removal()
    {
        Ban first = Add("a", minutes: 10)!;
        Ban second = Add("b")!;
        Assert.Equal((first, second, null), (_bans.Find("a"), _bans.Find("b"), _bans.Find("c")));

        _time.Turn(TimeSpan.FromMinutes(10));
        Assert.Null(_bans.Find("a"));
        Assert.Equal([second], _bans.After(0));

        Assert.Equal(second, _bans.Remove(second.Id));
        Assert.Null(_bans.Find("b"));
        Assert.Null(_bans.Remove(second.Id));
        Assert.Null(_bans.Remove(first.Id));
        Assert.Equal(0, _bans.Count);
        Assert.Empty(_store.Bans);
    }

    [Fact]
    public void Automatic_ban_ends_by_itself_or_by_hand_and_is_not_stored()
    {
        IReadOnlyList<Ban> added = _bans.AddAutomatic([("a", null, "why"), ("b", null, "why")], TimeSpan.FromMinutes(5));
        Assert.Equal(["a", "b"], added.Select(static ban => ban.Device));
        Assert.Empty(_store.Bans);
        Assert.Empty(_bans.AddAutomatic([("a", null, "again")], TimeSpan.FromMinutes(5)));

        Assert.Equal(added[0], _bans.Remove(added[0].Id));
        Assert.Null(_bans.Find("a"));
        Assert.NotNull(_bans.Find("b"));
        _time.Turn(TimeSpan.FromMinutes(5));
        Assert.Null(_bans.Find("b"));
        Assert.Single(_bans.AddAutomatic([("b", null, "again")], TimeSpan.FromMinutes(5)));
        Assert.Equal(1, _bans.Count);
    }

    [Fact]
    public void Automatic_bans_are_bounded_and_leave_room_for_those_of_the_operator()
    {
        IReadOnlyList<Ban> added = _bans.AddAutomatic(Enumerable.Range(0, 2_000).Select(static i => ((string?)$"device-{i}", (AddressRange?)null, "why")), TimeSpan.FromMinutes(5));
        Assert.Equal(BanList.AutomaticCapacity, added.Count);
        Assert.Empty(_bans.AddAutomatic([("one more", null, "why")], TimeSpan.FromMinutes(5)));
        Assert.NotNull(Add("operator"));
    }

    [Fact]
    public void Second_ban_of_the_same_device_replaces_the_first()
    {
        Add("a", minutes: 1);
        Ban second = Add("a", minutes: 60)!;
        _time.Turn(TimeSpan.FromMinutes(30));

        Assert.Equal(second, _bans.Find("a"));
        Assert.Equal([second], _bans.After(0));
        Assert.Equal([second], _store.Bans);
    }

    [Fact]
    public void Ban_that_the_store_cannot_keep_is_not_in_force()
    {
        _store.Failure = new MemoryStoreException(MemoryFailure.Full, "full");
        Assert.Throws<MemoryStoreException>(() => Add("a"));
        Assert.Null(_bans.Find("a"));

        _store.Failure = null;
        Ban ban = Add("a")!;
        _store.Failure = new MemoryStoreException(MemoryFailure.Full, "full");
        Assert.Throws<MemoryStoreException>(() => _bans.Remove(ban.Id));
        Assert.Equal(ban, _bans.Find("a"));
    }

    [Fact]
    public void Ban_beyond_the_bound_is_refused_until_another_has_ended()
    {
        _bans.Load([.. Enumerable.Range(1, BanList.Capacity).Select(i => new Ban(i, $"d{i}", null, _time.GetUtcNow(), i == 1 ? _time.GetUtcNow() + TimeSpan.FromMinutes(1) : null, null))]);
        Assert.Null(Add("another"));

        _time.Turn(TimeSpan.FromMinutes(1));
        Assert.NotNull(Add("another"));
        Assert.Null(Add("one more"));
        Assert.NotNull(Add("d2", minutes: 1));
    }

    [Fact]
    public void Ids_grow_after_the_ids_of_an_earlier_process()
    {
        long later = _time.GetUtcNow().ToUnixTimeMilliseconds() + 5_000;
        _bans.Load([new Ban(later, "a", null, _time.GetUtcNow(), null, null)]);
        Assert.Equal(later + 1, Add("b")!.Id);
        Assert.Equal(later + 2, Add("c")!.Id);
    }

    [Fact]
    public void Bans_and_ends_of_other_servers_are_taken_over_and_what_they_lack_is_returned()
    {
        Ban own = Add("own")!;
        Ban older = Add("older")!;
        Ban ended = Add("ended")!;
        Ban newer = Add("newer")!;
        var other = new Ban(1, "other", null, _time.GetUtcNow(), null, "theirs");
        Ban later = older with { Id = older.Id + 100, Reason = "theirs" };

        Assert.Equal(3, _bans.Merge(
            [(other, false), (later, false), (ended with { Id = ended.Id + 100 }, true), (newer with { Id = newer.Id - 1 }, true), (other with { Device = "over", Until = _time.GetUtcNow() }, false)],
            out IReadOnlyList<Ban> missing));

        Assert.Equal([own, newer], missing);
        Assert.Equal([other, own, newer, later], _bans.After(0));
        Assert.Equal(_bans.After(0).ToHashSet(), _store.Bans.ToHashSet());
        Assert.Equal((later, null, newer), (_bans.Find("older"), _bans.Find("ended"), _bans.Find("newer")));
        Assert.True(Add("next")!.Id > later.Id);
    }

    [Fact]
    public void Automatic_bans_are_of_this_server_only_and_end_where_a_shared_one_counts()
    {
        Ban over = Add("a", minutes: 1)!;
        _time.Turn(TimeSpan.FromMinutes(1));
        Assert.Equal(2, _bans.AddAutomatic([("a", null, "why"), ("b", null, "why")], TimeSpan.FromMinutes(5)).Count);
        var shared = new Ban(over.Id + 1, "a", null, _time.GetUtcNow(), null, "theirs");

        Assert.Equal(0, _bans.Merge([], out IReadOnlyList<Ban> missing));
        Assert.Empty(missing);
        Assert.Equal(1, _bans.Merge([(shared, false)], out missing));
        Assert.Empty(missing);
        Assert.Equal(shared, _bans.Find("a"));
        Assert.True(_bans.Find("b")!.IsAutomatic);
    }

    [Fact]
    public void The_same_list_changes_nothing()
    {
        Ban ban = Add("a", minutes: 1)!;
        Assert.Equal(0, _bans.Merge([(ban, false)], out IReadOnlyList<Ban> missing));
        Assert.Empty(missing);
        _time.Turn(TimeSpan.FromMinutes(1));
        Assert.Equal(0, _bans.Merge([], out missing));
        Assert.Empty(missing);
    }

    [Fact]
    public void The_end_of_a_ban_has_a_greater_id_and_ids_of_two_servers_differ()
    {
        var salted = new BanList(_store, _time) { IdSalt = 77 };
        Ban ban = salted.Add("a", null, null, null)!;

        Assert.Equal(77, ban.Id & 4_095);
        Assert.True(salted.EndId(ban) > ban.Id);
        Assert.InRange(ban.Id, 1, 1L << 53);
    }

    [Fact]
    public void Lookup_allocates_nothing()
    {
        var source = new IPEndPoint(IPAddress.Parse("10.1.2.3"), 5);
        var least = new BanList(_store, _time);
        Assert.Equal(0, Allocations.Of(() => Use(least.Find(source), least.Find("device"))));

        Add(range: "192.0.2.0/24");
        Add(range: "2001:db8::/32");
        Add("other");
        Assert.Equal(0, Allocations.Of(() => Use(_bans.Find(source), _bans.Find("device"))));

        static void Use(Ban? one, Ban? other)
        {
            Assert.Null(one);
            Assert.Null(other);
        }
    }

    private Ban? Add(string? device = null, string? range = null, int? minutes = null)
    {
        AddressRange? of = null;
        if (range is not null)
        {
            Assert.True(AddressRange.TryParse(range, out AddressRange parsed));
            of = parsed;
        }

        return _bans.Add(device, of, minutes is null ? null : TimeSpan.FromMinutes(minutes.Value), null);
    }
}
