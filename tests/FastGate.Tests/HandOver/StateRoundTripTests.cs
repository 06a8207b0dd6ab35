using FastGate.HandOver;

namespace FastGate.Tests.HandOver;

public sealed class StateRoundTripTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1001)]
    [InlineData(2001)]
    public void A_state_is_read_as_it_was_written(int firstSeed)
    {
        for (int seed = firstSeed; seed < firstSeed + 150; seed++)
        {
            GatewayState state = new RandomState(seed).Gateway();
            ReadState read = WriteAndRead(state);
            Assert.Equal(StateFault.None, read.Fault);
            Assert.Equal(StateFormat.Version, read.Version);
            Assert.Empty(read.Unreadable);
            Assert.Equal(0, read.Lost);
            Assert.Equal(StateText.Of(state), StateText.Of(read.State));
        }
    }

    [Fact]
    public void An_empty_state_is_read()
    {
        ReadState read = WriteAndRead(new GatewayState());
        Assert.Equal(StateFault.None, read.Fault);
        Assert.Equal(StateText.Of(new GatewayState()), StateText.Of(read.State));
    }

    [Fact]
    public void Many_languages_are_read_in_order()
    {
        DeviceLanguageState[] languages = [.. Enumerable.Range(0, 60_000).Select(static i => new DeviceLanguageState($"device {i}", (byte)i))];
        Assert.Equal(languages, WriteAndRead(new GatewayState { Languages = languages }).State.Languages);
    }

    [Fact]
    public void Records_reach_the_output_while_the_state_is_collected()
    {
        var output = new MemoryStream();
        var writer = new StateWriter(output);
        for (int i = 0; i < 10; i++)
        {
            Assert.True(writer.Add(new ConnectionState { Descriptor = 10 + i, UnreadInput = new byte[70_000] }));
            Assert.InRange(output.Length, (i + 1) * 70_000L, (i + 1) * 71_000L);
        }

        Assert.Equal(StateFault.NoState, StateReader.Read(output.ToArray()).Fault);
        writer.Finish(1);
        Assert.Equal(10, StateReader.Read(output.ToArray()).State.Connections.Count);
    }

    [Fact]
    public void A_record_above_its_bound_is_left_out_and_its_connection_is_closed_in_order()
    {
        var output = new MemoryStream();
        var writer = new StateWriter(output);
        var big = new ConnectionState { Descriptor = 5, Session = new SessionState(), UnsentOutput = new byte[] { 1, 2 }, UnreadInput = new byte[StateFormat.MaxRecord] };
        Assert.False(writer.Add(big));
        Assert.True(writer.Add(new ConnectionState { Descriptor = 6 }));
        Assert.False(writer.Add(big with { Descriptor = 7, UnsentOutput = new byte[StateFormat.MaxRecord + 1] }));
        writer.Finish(1);

        ReadState read = StateReader.Read(output.ToArray());
        Assert.Equal([6], read.State.Connections.Select(static connection => connection.Descriptor));
        Assert.Equal(
            StateText.Of(new[]
            {
                new UnreadableConnection(5, UnreadableReason.TooBig, TakesClose: true, new byte[] { 1, 2 }),
                new UnreadableConnection(7, UnreadableReason.TooBig, TakesClose: false, default),
            }),
            StateText.Of(read.Unreadable));
        Assert.InRange(output.Length, 0, 500);
    }

    [Fact]
    public void Records_above_the_bound_of_all_are_left_out()
    {
        var output = new MemoryStream();
        var writer = new StateWriter(output, maxRecords: 10_000);
        var state = new ConnectionState { UnreadInput = new byte[3000], Session = new SessionState() };
        Assert.Equal([true, true, true, false, false], Enumerable.Range(10, 5).Select(i => writer.Add(state with { Descriptor = i })).ToArray());
        writer.Add(new DeviceLanguageState(new string('d', 2000), 1));
        writer.Finish(1);
        ReadState read = StateReader.Read(output.ToArray());
        Assert.Equal([10, 11, 12], read.State.Connections.Select(static connection => connection.Descriptor));
        Assert.Equal([13, 14], read.Unreadable.Select(static connection => connection.Descriptor));
        Assert.Empty(read.State.Languages);
    }

    /// <summary>A client has no session before its handshake is finished and after the close frame.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Only_a_client_with_a_session_takes_a_close_frame(bool hasSession)
    {
        var state = new ConnectionState { Descriptor = 9, Session = hasSession ? new SessionState() : null, UnreadInput = new byte[StateFormat.MaxRecord] };
        Assert.Equal(hasSession, Assert.Single(WriteAndRead(new GatewayState { Connections = [state] }).Unreadable).TakesClose);
    }

    [Fact]
    public void An_idle_connection_takes_less_than_300_bytes()
    {
        const int Count = 1000;
        var output = new MemoryStream();
        StateWriter.Write(output, new GatewayState { Connections = [.. Enumerable.Range(3, Count).Select(IdleConnection)] });
        Assert.InRange(output.Length / Count, 1, 299);
    }

    [Fact]
    public void Connections_are_read_one_by_one_in_any_order()
    {
        var output = new MemoryStream();
        StateWriter.Write(output, new GatewayState { QuietAtUnixMs = 5, Connections = [.. Enumerable.Range(3, 20).Select(IdleConnection)] });
        byte[] bytes = output.ToArray();
        List<ConnectionState> all = [.. StateReader.Read(bytes).State.Connections];

        StateTable table = StateReader.ReadTable(bytes);

        Assert.Equal((5, 20), (table.State.QuietAtUnixMs, table.Connections));
        for (int i = 19; i >= 0; i--)
        {
            ConnectionState? read = table.Read(bytes, i, out UnreadableConnection? unreadable);
            Assert.Null(unreadable);
            Assert.Equal((all[i].Descriptor, all[i].Session!.SessionId), (read!.Descriptor, read.Session!.SessionId));
        }
    }

    /// <summary>A device that has spoken and now sends pings.</summary>
    private static ConnectionState IdleConnection(int descriptor) => new()
    {
        Descriptor = descriptor,
        Phase = 1,
        DeviceId = "94:a9:90:00:00:01",
        IdentitySource = 1,
        OpenedAgeMs = 3_600_000,
        LastInboundAgeMs = 700,
        Session = new SessionState
        {
            SessionId = Guid.NewGuid(),
            Framing = 1,
            HelloSeen = true,
            TurnNumber = 12,
            Language = 1,
            Tools = new ToolsState { NextId = 2 },
        },
    };

    private static ReadState WriteAndRead(GatewayState state)
    {
        var output = new MemoryStream();
        StateWriter.Write(output, state);
        byte[] bytes = output.ToArray();
        ReadState read = StateReader.Read(bytes);
        // The result must not refer to the input.
        Array.Fill(bytes, (byte)0xDB);
        return read;
    }
}
