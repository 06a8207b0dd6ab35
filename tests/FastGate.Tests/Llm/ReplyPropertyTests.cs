using FastGate.Llm.Providers;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Llm;

/// <summary>Fields that are not needed, and the framing, never change what is read of a valid reply.</summary>
public sealed class ReplyPropertyTests
{
    private const int Replies = 1_000;

    [Fact]
    public void Openai_reply_is_the_same_whatever_its_unneeded_fields_and_framing_are() => Run(RandomReply.OpenAi, static () => new OpenAiReplyReader(), static finish => finish switch
    {
        "length" => ChatFinishReason.Length,
        "tool_calls" => ChatFinishReason.ToolCalls,
        "content_filter" => ChatFinishReason.ContentFilter,
        _ => ChatFinishReason.Stop,
    });

    [Fact]
    public void Anthropic_reply_is_the_same_whatever_its_unneeded_fields_and_framing_are() => Run(
        RandomReply.Anthropic, static () => new AnthropicReplyReader(), static finish => finish == "max_tokens" ? ChatFinishReason.Length : ChatFinishReason.Stop);

    private static void Run(Func<int, RandomReply> create, Func<IReplyReader> reader, Func<string, ChatFinishReason> finish) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(Replies),
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            RandomReply reply = create(seed);
            try
            {
                List<ChatResponseUpdate> updates = ReplyEventsTests.ReadAsync(reader(), reply.Open(seed)).GetAwaiter().GetResult();
                AIContent[] contents = [.. updates.SelectMany(static update => update.Contents)];
                Assert.Equal(reply.Words, ReplyEventsTests.Words(updates));
                Assert.Equal(reply.Calls, contents.OfType<FunctionCallContent>().Select(static call => $"{call.CallId} {call.Name} {call.Arguments!["x"]}"));
                Assert.Equal(finish(reply.Finish), updates.Last(static update => update.FinishReason is not null).FinishReason);
                UsageDetails[] usage = [.. contents.OfType<UsageContent>().Select(static item => item.Details)];
                Assert.Equal(reply.Usage.In, usage.Select(static item => item.InputTokenCount).LastOrDefault(static count => count is not null));
                Assert.Equal(reply.Usage.Out, usage.Select(static item => item.OutputTokenCount).LastOrDefault(static count => count is not null));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"{exception.Message}\nseed {seed}:\n{reply}", exception);
            }
        }));
}
