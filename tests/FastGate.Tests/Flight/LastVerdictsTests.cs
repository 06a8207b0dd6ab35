using System.Globalization;
using System.Net;
using System.Text;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Testing;

namespace FastGate.Tests.Flight;

/// <summary>The table of the last verdicts.</summary>
public sealed class LastVerdictsTests
{
    private static readonly UInt128 s_address = AddressRange.ValueOf(IPAddress.Parse("192.0.2.7"));

    private readonly LastVerdicts _last = new();

    [Fact]
    public void Last_verdict_and_its_age_are_found_by_device_and_by_address()
    {
        _last.Note(Verdict.BadKey, s_address, "aa:01"u8, nowMs: 4_000);
        _last.Note(Verdict.TokenExpired, s_address, "aa:01"u8, nowMs: 8_000);

        Assert.Equal((Verdict.TokenExpired, TimeSpan.FromSeconds(12)), _last.OfDevice("aa:01"u8, nowMs: 20_000));
        Assert.Equal((Verdict.TokenExpired, TimeSpan.Zero), _last.OfAddress(s_address, nowMs: 8_000));
        Assert.Null(_last.OfDevice("aa:02"u8, nowMs: 20_000));
        Assert.Null(_last.OfAddress(s_address + 1, nowMs: 20_000));
    }

    [Fact]
    public void Subject_without_id_or_address_is_not_noted()
    {
        _last.Note(Verdict.NothingSent, 0, default, nowMs: 0);

        Assert.Null(_last.OfDevice(default, nowMs: 0));
        Assert.Null(_last.OfAddress(0, nowMs: 0));
    }

    [Fact]
    public void Every_verdict_survives_the_packing()
    {
        Assert.All(Enum.GetValues<Verdict>(), verdict =>
        {
            _last.Note(verdict, 0, "aa:01"u8, nowMs: long.MaxValue / 2);
            Assert.Equal((verdict, TimeSpan.Zero), _last.OfDevice("aa:01"u8, nowMs: long.MaxValue / 2));
        });
    }

    [Fact]
    public void A_fleet_of_ten_thousand_devices_is_kept_nearly_whole()
    {
        for (int device = 0; device < 10_000; device++)
        {
            _last.Note(Verdict.TokenWrongKey, 0, IdOf(device), nowMs: 0);
        }

        int found = Enumerable.Range(0, 10_000).Count(device => _last.OfDevice(IdOf(device), nowMs: 0) is not null);
        Assert.InRange(found, 9_000, 10_000);
    }

    [Fact]
    public void Invented_ids_push_out_the_oldest_devices_and_no_address()
    {
        _last.Note(Verdict.BadKey, s_address, "aa:01"u8, nowMs: 0);
        for (int device = 0; device < 100_000; device++)
        {
            _last.Note(Verdict.Scanner, s_address + 1, IdOf(device), nowMs: 4_000);
        }

        Assert.Null(_last.OfDevice("aa:01"u8, nowMs: 4_000));
        Assert.Equal(Verdict.BadKey, _last.OfAddress(s_address, nowMs: 4_000)?.Verdict);
    }

    [Fact]
    public void Noting_allocates_nothing()
    {
        Assert.Equal(0, Allocations.Of(() => _last.Note(Verdict.BadKey, s_address, "aa:01"u8, nowMs: 0)));
    }

    private static byte[] IdOf(int device) => Encoding.ASCII.GetBytes(device.ToString("x8", CultureInfo.InvariantCulture));
}
