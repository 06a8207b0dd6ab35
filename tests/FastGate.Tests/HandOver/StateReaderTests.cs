using FastGate.HandOver;

namespace FastGate.Tests.HandOver;

public sealed class StateReaderTests
{
    private static readonly byte[] s_record = StateFile.Fields((3, "device"u8.ToArray()));

    [Theory]
    [InlineData("", 0x00000000)]
    [InlineData("123456789", 0xE3069283)]
    [InlineData("12345678", 0x6087809A)]
    public void The_checksum_is_crc_32c(string text, uint checksum)
    {
        byte[] bytes = System.Text.Encoding.ASCII.GetBytes(text);
        Assert.Equal(checksum, StateFormat.Checksum(bytes));
        Assert.Equal(checksum, StateFile.Crc32C(bytes));
    }

    [Fact]
    public void A_newer_version_gives_listeners_and_the_connections_to_close()
    {
        StateFile file = new StateFile { Version = StateFormat.Version + 1 }
            .Listener(3, "devices").Listener(4, "devices").Listener(5, "http").Connection(9, [1, 2, 3], [0xFF, 0xFF]).Shared([0xFF]);
        ReadState read = StateReader.Read(file.ToBytes());
        Assert.Equal(StateFault.None, read.Fault);
        Assert.Equal(StateFormat.Version + 1, read.Version);
        Assert.Equal(
            StateText.Of(new[] { new ListenerState("devices", [3, 4]), new ListenerState("http", [5]) }),
            StateText.Of(read.State.Listeners));
        Assert.Equal(
            StateText.Of(new UnreadableConnection(9, UnreadableReason.Version, TakesClose: true, new byte[] { 1, 2, 3 })),
            StateText.Of(Assert.Single(read.Unreadable)));
        Assert.Equal(1, read.Lost);
    }

    [Theory]
    [InlineData(127, true)]
    [InlineData(128, false)]
    [InlineData(255, false)]
    public void An_unknown_tag_is_skipped_below_128_and_refuses_the_connection_from_there_on(byte tag, bool isRead)
    {
        (byte Tag, byte[] Value) unknown = (tag, [1, 2, 3]);
        byte[] atTheEnd = StateFile.Fields((3, "device"u8.ToArray()), unknown);
        byte[] inTheSession = StateFile.Fields((13, StateFile.Fields(unknown, (7, [4, 0, 0, 0]))));
        byte[] inTheEar = StateFile.Fields((13, StateFile.Fields((12, StateFile.Fields(unknown, (1, [2]))))));
        ReadState read = StateReader.Read(new StateFile()
            .Connection(7, [], atTheEnd).Connection(8, [], inTheSession).Connection(9, [], inTheEar).Connection(10, [], s_record).ToBytes());
        Assert.Equal(isRead ? [7, 8, 9, 10] : [10], read.State.Connections.Select(static connection => connection.Descriptor));
        Assert.Equal("device", read.State.Connections[^1].DeviceId);
        Assert.All(read.Unreadable, static connection => Assert.Equal(UnreadableReason.Fields, connection.Reason));
        if (isRead)
        {
            Assert.Equal(4, read.State.Connections[1].Session!.TurnNumber);
            Assert.Equal(2, read.State.Connections[2].Session!.Ear!.Mode);
        }
    }

    [Theory]
    [InlineData("0D00", "a field cut short")]
    [InlineData("02 02000000 00", "a value cut short")]
    [InlineData("02 FFFFFFFF 00", "a length of 4 GiB")]
    [InlineData("02 FFFFFF7F 00", "a length of 2 GiB")]
    [InlineData("02 02000000 0000", "a number of the wrong size")]
    [InlineData("06 04000000 00000000", "a time of the wrong size")]
    [InlineData("03 02000000 C3C3", "a text that is not UTF-8")]
    [InlineData("0D 01000000 00", "a session cut short")]
    [InlineData("0D 0A000000 0C05000000 0100000000", "an ear cut short")]
    public void Invalid_fields_refuse_the_connection_alone(string hex, string reason)
    {
        byte[] record = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        ReadState read = StateReader.Read(new StateFile().Connection(7, [9], record).Connection(8, [], s_record).ToBytes());
        UnreadableConnection unreadable = Assert.Single(read.Unreadable);
        Assert.True(unreadable is { Descriptor: 7, Reason: UnreadableReason.Fields, TakesClose: true, UnsentOutput.Length: 1 }, reason);
        Assert.Equal(8, Assert.Single(read.State.Connections).Descriptor);
    }

    [Fact]
    public void A_damaged_record_refuses_its_connection_alone()
    {
        byte[] bytes = new StateFile().Connection(7, [0xAA], s_record).Connection(8, [], s_record).ToBytes();
        byte[] record = [.. bytes];
        record[StateFormat.HeaderSize + 3] ^= 1;
        UnreadableConnection unreadable = Assert.Single(StateReader.Read(record).Unreadable);
        Assert.True(unreadable is { Descriptor: 7, Reason: UnreadableReason.Damaged, TakesClose: true, UnsentOutput.Length: 1 });

        byte[] unsent = [.. bytes];
        unsent[StateFormat.HeaderSize] ^= 1;
        unreadable = Assert.Single(StateReader.Read(unsent).Unreadable);
        Assert.True(unreadable is { Descriptor: 7, Reason: UnreadableReason.Damaged, TakesClose: false, UnsentOutput.IsEmpty: true });
        Assert.Equal(8, Assert.Single(StateReader.Read(unsent).State.Connections).Descriptor);
    }

    [Fact]
    public void A_descriptor_of_an_unknown_kind_is_closed()
    {
        ReadState read = StateReader.Read(new StateFile().Add(7, 200, StateFormat.FlagWhole, [1], s_record).Add(-1, 201, 0, [], []).ToBytes());
        Assert.Equal(
            StateText.Of(new UnreadableConnection(7, UnreadableReason.Kind, TakesClose: false, new byte[] { 1 })),
            StateText.Of(Assert.Single(read.Unreadable)));
        Assert.Equal(1, read.Lost);
    }

    [Fact]
    public void A_descriptor_has_one_owner()
    {
        ReadState read = StateReader.Read(new StateFile().Listener(7, "devices").Connection(7, [], s_record).Connection(8, [], s_record).Connection(8, [], s_record).ToBytes());
        Assert.Equal([7], Assert.Single(read.State.Listeners).Descriptors);
        Assert.Equal(8, Assert.Single(read.State.Connections).Descriptor);
        Assert.Empty(read.Unreadable);
        Assert.Equal(2, read.Lost);
    }

    [Fact]
    public void A_record_is_read_once()
    {
        var file = new StateFile();
        long offset = file.NextOffset;
        file.Connection(7, [], s_record);
        foreach (long other in new[] { offset, offset + 1, 0, -1, long.MaxValue, long.MinValue, 1 << 20 })
        {
            file.Add(new StateEntry(
                (int)(other & 0xFFFF) + 100, StateFormat.KindConnection, StateFormat.FlagWhole, other, 0, 0, s_record.Length, StateFormat.Checksum(s_record)));
        }

        file.Add(new StateEntry(50, StateFormat.KindConnection, StateFormat.FlagWhole, file.NextOffset, int.MaxValue, 0, int.MaxValue, 0));
        file.Add(new StateEntry(51, StateFormat.KindConnection, StateFormat.FlagWhole, file.NextOffset, -1, 0, 1, 0));
        file.Connection(8, [], s_record);
        ReadState read = StateReader.Read(file.ToBytes());
        Assert.Equal([7, 8], read.State.Connections.Select(static connection => connection.Descriptor));
        Assert.All(read.Unreadable, static connection => Assert.Equal(UnreadableReason.Damaged, connection.Reason));
    }

    [Fact]
    public void A_file_cut_at_any_length_is_not_used()
    {
        byte[] bytes = new StateFile().Listener(3, "devices").Connection(7, [1, 2], s_record).Shared([]).ToBytes();
        for (int length = 0; length < bytes.Length; length++)
        {
            ReadState read = StateReader.Read(bytes.AsSpan(0, length));
            Assert.Equal(length < StateFormat.HeaderSize ? StateFault.NoState : StateFault.Damaged, read.Fault);
            Assert.Empty(read.State.Listeners);
            Assert.Empty(read.Unreadable);
        }

        Assert.Equal(StateFault.None, StateReader.Read([.. bytes, 0, 0, 0]).Fault);
    }
}
