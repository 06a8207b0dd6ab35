using System.Globalization;
using System.Net.Sockets;
using System.Text;
using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

/// <summary>Answers without a pipe to several connections in one turn, which are sent together.</summary>
public sealed partial class LoopInputCallTests
{
    /// <summary>More than are sent together, twice.</summary>
    private const int InOneTurn = (2 * LoopAnswers.Most) + 3;

    /// <summary>Every seventh uses a pipe, which needs the memory of the answers before it, and every fifth gets no answer.</summary>
    [Fact]
    public async Task Each_connection_of_a_turn_gets_its_answer()
    {
        Socket[] sockets = await ConnectAsync(InOneTurn);
        using ManualResetEventSlim hold = new();
        for (int round = 0; round < 3; round++)
        {
            hold.Reset();
            await HoldLoopAsync(hold);
            string[] expected = new string[sockets.Length];
            for (int i = 0; i < sockets.Length; i++)
            {
                char kind = i % 7 == 3 ? 'a' : i % 5 == 4 ? 'n' : 'f';
                string text = string.Create(CultureInfo.InvariantCulture, $"{kind}{round}-{i}");
                expected[i] = kind == 'n' ? "" : text.Replace('f', 'g');
                await sockets[i].SendAsync(Encoding.ASCII.GetBytes(text));
            }

            hold.Set();
            for (int i = 0; i < sockets.Length; i++)
            {
                await ExchangeAsync(sockets[i], "", expected[i]);
            }
        }

        await HavePipesAsync(new bool[sockets.Length]);
        Array.ForEach(sockets, static socket => socket.Dispose());
    }

    /// <summary>
    /// After a slow handler the other connections of the turn get a share of 4 KB. What is left is served after the events, and then needs no pipe.
    /// </summary>
    [Fact]
    public async Task Answers_to_what_is_left_of_a_share_are_sent_too()
    {
        const int Size = 6_000;
        Socket[] sockets = await ConnectAsync(InOneTurn);
        using ManualResetEventSlim hold = new();
        await HoldLoopAsync(hold);
        await sockets[0].SendAsync("z"u8.ToArray());
        foreach (Socket socket in sockets[1..])
        {
            await socket.SendAsync(Enumerable.Repeat((byte)'f', Size).ToArray());
        }

        hold.Set();

        int answeredLater = 0;
        foreach (Socket socket in sockets[1..])
        {
            byte[] answer = new byte[Size];
            await ReceiveAsync(socket, answer);
            answeredLater += answer.AsSpan(1).Contains((byte)'g') ? 1 : 0;
        }

        Assert.NotEqual(0, answeredLater);

        await HavePipesAsync(new bool[sockets.Length]);
        Array.ForEach(sockets, static socket => socket.Dispose());
    }

    [Fact]
    public async Task Slow_handler_does_not_delay_the_answers_before_it()
    {
        Socket[] sockets = await ConnectAsync(4);
        using ManualResetEventSlim hold = new();
        await HoldLoopAsync(hold);
        foreach ((Socket socket, string text) in sockets.Zip((string[])["f0", "f1", "h", "f3"]))
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        }

        hold.Set();
        await _handlers[2].Held.Task.Within();
        await ExchangeAsync(sockets[0], "", "g0");
        await ExchangeAsync(sockets[1], "", "g1");
        _handlers[2].Release.Set();
        await ExchangeAsync(sockets[3], "", "g3");
        await ExchangeAsync(sockets[2], "a", "a");
        Array.ForEach(sockets, static socket => socket.Dispose());
    }

    /// <summary>The send of one answer fails between those of others.</summary>
    [Fact]
    public async Task Failed_answer_ends_its_connection_only()
    {
        Socket[] sockets = await ConnectAsync(3);
        using ManualResetEventSlim hold = new();
        await HoldLoopAsync(hold);
        foreach ((Socket socket, string text) in sockets.Zip((string[])["f1", "p2", "f3"]))
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        }

        hold.Set();

        await ExchangeAsync(sockets[0], "", "g1");
        await ExchangeAsync(sockets[2], "", "g3");
        Assert.IsAssignableFrom<IOException>(await _failed.Task.Within());
        await Eventually.TrueAsync(() => Loop.HandlerCount == 2, "the handler has ended");
        await ExchangeAsync(sockets[0], "a", "a");
        Array.ForEach(sockets, static socket => socket.Dispose());
        await AllEndedAsync();
    }

    [Fact]
    public async Task Answers_without_a_pipe_allocate_nothing()
    {
        Socket[] sockets = await ConnectAsync(InOneTurn);
        for (int round = 0; round < 100; round++)
        {
            foreach (Socket socket in sockets)
            {
                await socket.SendAsync("f1"u8.ToArray());
            }

            foreach (Socket socket in sockets)
            {
                await ExchangeAsync(socket, "", "g1");
            }
        }

        Assert.All(_handlers, static handler => Assert.Equal(handler.AllocatedAtAnswers.Before, handler.AllocatedAtAnswers.Last));
        Array.ForEach(sockets, static socket => socket.Dispose());
    }

    [Fact]
    public async Task Answers_that_the_kernel_does_not_take_are_sent_later_and_in_order()
    {
        Socket[] sockets = await ConnectAsync(3);
        while (!_connections.TrueForAll(static connection => ((LoopConnection)connection).HasPipe))
        {
            for (int i = 0; i < sockets.Length; i++)
            {
                if (!((LoopConnection)_connections[i]).HasPipe)
                {
                    await sockets[i].SendAsync("F"u8.ToArray());
                }
            }

            // The first may be in a turn whose events were taken before the input came.
            await _harness.Transport.RespondAsync().Within();
            await _harness.Transport.RespondAsync().Within();
        }

        for (int connection = 0; connection < sockets.Length; connection++)
        {
            byte[] answers = new byte[_handlers[connection].LongAnswers];
            await ReceiveAsync(sockets[connection], answers);
            for (int i = 0; i < answers.Length; i++)
            {
                if (answers[i] != CalledHandler.LongAnswerAt(i))
                {
                    Assert.Fail($"byte {i} of {answers.Length} of connection {connection}");
                }
            }
        }

        await HavePipesAsync(false, false, false);
        await ExchangeAsync(sockets[0], "f2", "g2");
        Array.ForEach(sockets, static socket => socket.Dispose());
    }

    /// <summary>Returns when the loop waits for the event: what is sent until then is in one turn.</summary>
    private Task HoldLoopAsync(ManualResetEventSlim hold)
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(
            _ =>
            {
                held.SetResult();
                hold.Wait();
            },
            null);
        return held.Task.Within();
    }

    /// <summary>In the order of the handlers.</summary>
    private async Task<Socket[]> ConnectAsync(int count)
    {
        var sockets = new Socket[count];
        for (int i = 0; i < count; i++)
        {
            sockets[i] = await ConnectAsync();
            await ExchangeAsync(sockets[i], "a", "a");
        }

        return sockets;
    }
}
