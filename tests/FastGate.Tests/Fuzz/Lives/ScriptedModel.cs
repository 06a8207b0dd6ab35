using System.Runtime.CompilerServices;
using FastGate.Conversation.Tools;
using FastGate.Llm.Catalog;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Fuzz.Lives;

/// <summary>The language models of a life.</summary>
internal sealed class ScriptedModel(AnswerChoice choice, string name) : IChatClient, IChatClientFactory
{
    private const int LongPieces = 400;

    private static readonly string[] s_tools = [ServerTools.GetTime, ServerTools.End, "self_light", "nothing"];

    public IChatClient Create(LlmProviderSettings settings) => new ScriptedModel(choice, settings.Model ?? "");

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatMessage[] asked = [.. messages];
        int question = Array.FindLastIndex(asked, static message => message.Role == ChatRole.User);
        Random random = choice.RandomOf(name, asked[question].Text + (asked.Length - question));
        WorkerAnswer answer = AnswerChoice.Next(random);
        if (answer == WorkerAnswer.Tool && options?.Tools is not { Count: > 0 })
        {
            answer = WorkerAnswer.Whole;
        }

        await choice.BeginAsync(answer, random, cancellationToken);
        if (answer == WorkerAnswer.Tool)
        {
            var arguments = new Dictionary<string, object?> { ["x"] = random.Next(9) };
            var call = new FunctionCallContent($"c{random.Next(100)}", s_tools[random.Next(s_tools.Length)], arguments);
            yield return new ChatResponseUpdate(ChatRole.Assistant, [call]);
        }

        int pieces = answer switch
        {
            WorkerAnswer.Nothing => 0,
            WorkerAnswer.Long => LongPieces,
            _ => random.Next(1, 5),
        };
        for (int piece = 0; piece < pieces; piece++)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, answer == WorkerAnswer.Long ? new string('长', 200) + "。" : Words(random));
            await choice.ContinueAsync(answer, random, cancellationToken);
        }
    }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private static string Words(Random random) => random.Next(8) switch
    {
        0 => "<think>so",
        1 => "</think>",
        2 => " ",
        3 => "One. Two! \"Three\"\n",
        4 => "😀你好。",
        5 => "half a sen",
        6 => "\ud83d",
        _ => "A whole sentence.",
    };

    /// <summary>The kinds of errors that clients of models throw.</summary>
    public static Exception ErrorOf(Random random) => random.Next(6) switch
    {
        0 => new HttpRequestException("refused", null, System.Net.HttpStatusCode.TooManyRequests),
        1 => new HttpRequestException("broken", null, System.Net.HttpStatusCode.InternalServerError),
        2 => new IOException("reset"),
        3 => new TimeoutException("slow"),
        4 => new OperationCanceledException("the client's own"),
        _ => new InvalidOperationException("a defect of the client"),
    };
}
