using FastGate.Llm.Failures;
using FastGate.Llm.Providers;

namespace FastGate.Fuzz.Targets;

/// <summary>Streamed replies of model servers. The first byte chooses the dialect.</summary>
internal static class RepliesTarget
{
    public static void Run(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }

        IReplyReader reader = (input[0] % 5) switch
        {
            0 => new OpenAiReplyReader(),
            1 => new AnthropicReplyReader(),
            2 => new DifyReplyReader(static _ => { }),
            3 => new CozeReplyReader(static _ => { }),
            _ => new HomeAssistantReplyReader(static _ => { }),
        };
        try
        {
            ReadAsync(reader, new MemoryStream(input, 1, input.Length - 1)).GetAwaiter().GetResult();
        }
        catch (LlmException failure)
        {
            FuzzException.ThrowUnless(failure.Message.Length is > 0 and <= 400, "A failure has no message or a long one.");
        }
    }

    private static async Task ReadAsync(IReplyReader reader, Stream body)
    {
        await foreach (Microsoft.Extensions.AI.ChatResponseUpdate update in ReplyEvents.ReadAsync(reader, body, CancellationToken.None))
        {
            _ = update.Text;
        }
    }
}
