using System.Globalization;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;
using Xunit.Abstractions;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>
/// Overlapping turns of many devices, answered out of order: replies, provider requests and stored turns never mix devices.
/// <c>FASTGATE_MIX_DEVICES</c> and <c>FASTGATE_MIX_TURNS</c> set the size.
/// </summary>
public sealed class MixingTests(ITestOutputHelper output)
{
    private const int Concurrent = 200;

    [Fact]
    public async Task Each_device_gets_and_keeps_only_its_own_words_in_order()
    {
        int count = TestSize.Of("FASTGATE_MIX_DEVICES", 1_000);
        int turns = TestSize.Of("FASTGATE_MIX_TURNS", 3);
        await using ReorderingProvider provider = new(seed: 11, Concurrent);
        await using ConversationGateway talk = await ConversationGateway.StartAsync(provider.Reply, ConversationGateway.LongTimeouts);
        string[] ids = [.. Enumerable.Range(0, count).Select(static i => string.Create(CultureInfo.InvariantCulture, $"mix{i:0000}"))];
        List<DeviceClient> devices = [];
        try
        {
            foreach (string[] some in ids.Chunk(50))
            {
                devices.AddRange(await Task.WhenAll(some.Select(id => DeviceClient.ConnectAsync(talk.Gateway, id))));
            }

            await Task.WhenAll(devices.Select((device, i) => TalkAsync(device, ids[i], turns)));
            Assert.True(provider.Overtaken > count * turns / 4, $"{provider.Overtaken} replies overtook another");
            AssertRequestsAreSeparate(talk.Llm, count * turns);
            await AssertStoredTurnsAreSeparateAsync(talk, ids, turns);
            output.WriteLine($"{count} devices, {turns} turns each, {provider.Overtaken} replies overtook an earlier one");
        }
        finally
        {
            devices.ForEach(static device => device.Drop());
        }
    }

    private static async Task TalkAsync(DeviceClient device, string id, int turns)
    {
        await device.HelloAsync();
        for (int turn = 1; turn <= turns; turn++)
        {
            string said = Said(id, turn);
            IReadOnlyList<JsonObject> heard = await device.SayAsync(said);
            Assert.Equal(["stt", "llm", "tts start", "tts sentence_start", "tts sentence_start", "tts sentence_start", MessageKinds.Stop], heard.Kinds());
            Assert.Equal(said, heard[0].Text());
            Assert.Equal([$"{said}#1。", $"{said}#2。", $"{said}#3。"], heard.Sentences());
            Assert.All(heard, message => Assert.Equal(device.SessionId, (string?)message["session_id"]));
        }
    }

    /// <summary>Asserts that each provider request contains the history of one device, in order.</summary>
    private static void AssertRequestsAreSeparate(FakeOpenAiServer llm, int requests)
    {
        Assert.Equal(requests, llm.Received.Count);
        foreach (FakeLlmRequest request in llm.Received)
        {
            string id = request.LastUser[..request.LastUser.IndexOf(':', StringComparison.Ordinal)];
            int turn = int.Parse(request.LastUser[(id.Length + 1)..], CultureInfo.InvariantCulture);
            Assert.Equal(Enumerable.Range(1, turn).Select(i => Said(id, i)), request.Texts("user"));
            Assert.Equal(Enumerable.Range(1, turn - 1).Select(i => Reply(id, i)), request.Texts("assistant"));
        }
    }

    private static async Task AssertStoredTurnsAreSeparateAsync(ConversationGateway talk, string[] ids, int turns)
    {
        ILookup<string, (string User, string Assistant)> kept = await Eventually.ValueAsync(
            () => Task.FromResult(StoredTurns.Read(talk.Gateway.DatabasePath)), all => all.Sum(static device => device.Count()) >= ids.Length * turns);
        foreach (string id in ids)
        {
            Assert.Equal(Enumerable.Range(1, turns).Select(i => (Said(id, i), Reply(id, i))), kept[id]);
        }

        foreach (string id in ids.Where(static (_, i) => i % 97 == 0))
        {
            JsonArray export = (await talk.Admin.GetAsync($"/api/v1/devices/{id}/memory"))["turns"]!.AsArray();
            Assert.Equal(Enumerable.Range(1, turns).Select(i => Said(id, i)), export.Select(static turn => (string?)turn!["user"]));
        }
    }

    private static string Said(string id, int turn) => string.Create(CultureInfo.InvariantCulture, $"{id}:{turn}");

    private static string Reply(string id, int turn)
    {
        string said = Said(id, turn);
        return $"{said}#1。{said}#2。{said}#3。";
    }
}
