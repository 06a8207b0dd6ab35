using System.Net.Sockets;
using System.Text;
using FastGate.Transport;

namespace FastGate.Tests.Transport;

/// <summary>
/// The process runs out of descriptors. Runs when no other test does: what it takes away, it takes from all.
/// </summary>
[Collection(nameof(DescriptorExhaustionTests))]
[CollectionDefinition(nameof(DescriptorExhaustionTests), DisableParallelization = true)]
public sealed class DescriptorExhaustionTests
{
    private static readonly byte[] s_refusal = "503 come back later"u8.ToArray();

    [Theory]
    [InlineData(TransportKind.EventLoop)]
    [InlineData(TransportKind.Sockets)]
    public async Task Newcomers_Are_Refused_The_Connected_Are_Served_And_It_Recovers(TransportKind kind)
    {
        var settings = new TransportSettings { EventLoops = 1, Refusal = s_refusal };
        await using TransportHarness harness = await TransportHarness.Create(kind, settings).StartAsync(EchoHandler.RunAsync);
        using Socket connected = await harness.ConnectAsync();
        await AssertEchoAsync(connected);
        await AssertEchoAsync(connected);

        // A socket's descriptor is taken when it is made: these are made while there are some.
        Socket[] newcomers = [.. Enumerable.Range(0, 6).Select(static _ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))];
        using (var limit = new DescriptorLimit())
        {
            for (int i = 0; i < 3; i++)
            {
                await newcomers[i].ConnectAsync(harness.Transport.EndPoint).Within();
                Assert.Equal(Encoding.ASCII.GetString(s_refusal), await ReadToEndAsync(newcomers[i]));
                await AssertEchoAsync(connected);
            }

            Assert.Equal(3, harness.Count("refused"));
            long errors = harness.Count("accept_errors");
            Assert.InRange(errors, 1, 20);

            // It does not spin: while nobody comes, nothing is tried over and over.
            for (int i = 0; i < 200; i++)
            {
                await AssertEchoAsync(connected);
            }

            Assert.InRange(harness.Count("accept_errors"), errors, errors + 20);

            limit.Free(4);
            await newcomers[3].ConnectAsync(harness.Transport.EndPoint).Within();
            await AssertEchoAsync(newcomers[3]);
            limit.Exhaust();
            await newcomers[4].ConnectAsync(harness.Transport.EndPoint).Within();
            Assert.Equal(Encoding.ASCII.GetString(s_refusal), await ReadToEndAsync(newcomers[4]));
        }

        await newcomers[5].ConnectAsync(harness.Transport.EndPoint).Within();
        await AssertEchoAsync(newcomers[5]);
        await AssertEchoAsync(connected);
        Array.ForEach(newcomers, static socket => socket.Dispose());
    }

    private static async Task AssertEchoAsync(Socket socket)
    {
        byte[] answer = new byte[1];
        await socket.SendAsync("e"u8.ToArray());
        Assert.Equal(1, await socket.ReceiveAsync(answer).Within());
        Assert.Equal((byte)'e', answer[0]);
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[100];
        int count;
        while ((count = await socket.ReceiveAsync(buffer).Within()) > 0)
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return text.ToString();
    }
}
