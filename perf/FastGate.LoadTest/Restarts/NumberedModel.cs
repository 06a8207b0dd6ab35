using System.Globalization;
using FastGate.Testing.Conversation;

namespace FastGate.LoadTest.Restarts;

/// <summary>
/// The server's language model: answers the words "device turn sentences" with numbered sentences at a fixed pace, so that turns last long enough to
/// meet a restart.
/// </summary>
internal sealed class NumberedModel : IAsyncDisposable
{
    /// <summary>Between two sentences.</summary>
    public static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    private readonly FakeOpenAiServer _server;

    private NumberedModel(FakeOpenAiServer server) => _server = server;

    /// <summary>The settings of a server that uses this model.</summary>
    public IReadOnlyList<string> ServerOptions =>
    [
        "FastGate:Llm:Providers:numbered:Type=openai",
        $"FastGate:Llm:Providers:numbered:BaseUrl={_server.Address}/v1",
        "FastGate:Llm:Providers:numbered:Model=numbered",
        "FastGate:Llm:ByMode:default=numbered",
        "FastGate:Llm:ByMode:memory=echo",
        $"FastGate:Session:SystemErrorResponse={TurnLedger.FailureLine}",
        $"FastGate:Session:BusyText={TurnLedger.FailureLine}",
    ];

    public static async Task<NumberedModel> StartAsync()
    {
        FakeOpenAiServer? server = null;
        server = await FakeOpenAiServer.StartAsync((_, request) =>
        {
            // Requests are not needed afterwards.
            server?.Received.Clear();
            return LlmReply.Paced(Pace, Answer(request.LastUser));
        });
        return new NumberedModel(server);
    }

    public static string[] Answer(string words)
    {
        string[] numbers = words.Trim().Split(' ');
        int sentences = numbers.Length == 3 && int.TryParse(numbers[2], NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 0;
        return sentences == 0 ? [TurnLedger.FailureLine] : [.. Enumerable.Range(0, sentences).Select(i => string.Create(CultureInfo.InvariantCulture, $"{numbers[0]} {numbers[1]} {i}。"))];
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
