using System.Text;
using FastGate.Conversation;
using FastGate.Llm.Calls;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;

namespace FastGate.Tests.Llm;

/// <summary>Reasoning that a server leaves in the text of a reply: it is not spoken, not remembered and not timed.</summary>
public sealed class ThinkFilterTests
{
    [Theory]
    [InlineData("<think>想</think>好", "好")]
    [InlineData("<THINK>a<b</Think>\n好", "\n好")]
    [InlineData("a<think>b</think>c<think>d</think>e", "ace")]
    [InlineData("<think>never closed", "")]
    [InlineData("1 < 2 <b> <thin <<think>x</think>!", "1 < 2 <b> <thin <!")]
    [InlineData("ends with <thi", "ends with <thi")]
    [InlineData("<think>a < b <</think>ok", "ok")]
    [InlineData("", "")]
    [InlineData("<thinking>a</thinking>b", "b")]
    [InlineData("<thought>a</thought>b", "b")]
    [InlineData("<reasoning>a</reasoning>b", "b")]
    [InlineData("<seed:think>a</seed:think>b", "b")]
    [InlineData("<think >a</think >b", "b")]
    [InlineData("<think\n>a</think\n>b", "b")]
    [InlineData("<think type=\"deep\" n='1'>a</think>b", "b")]
    [InlineData("<think/>b", "b")]
    [InlineData("<thinker>b", "<thinker>b")]
    [InlineData("<think <think>a</think>b", "<think b")]
    [InlineData("[THINK]a[/THINK]b", "b")]
    [InlineData("[T[THINK]a[/THINK]b [1] [think]", "[Tb [1] [think]")]
    [InlineData("◁think▷a◁/think▷b", "b")]
    [InlineData("<|begin_of_thought|>a<|end_of_thought|>b", "b")]
    [InlineData("<|START_THINKING|>a<|END_THINKING|>b", "b")]
    [InlineData("<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b<|return|>", "b")]
    [InlineData("<|channel|>commentary<|message|>a", "")]
    [InlineData("b<|im_end|>", "b")]
    // Only the end tag: the template put the start tag into the prompt.
    [InlineData("a</think>b", "b")]
    [InlineData("a. b.\n\n</think>\n\nb", "\n\nb")]
    [InlineData("a</think>", "")]
    [InlineData("a</thinking >b</think>c", "bc")]
    [InlineData("</think>b", "b")]
    [InlineData("<think>a</think>b</think>c", "bc")]
    public void Reasoning_is_removed_for_every_cut_into_chunks(string text, string expected)
    {
        for (int cut = 0; cut <= text.Length; cut++)
        {
            Assert.Equal(expected, Filter(false, text[..cut], text[cut..]).Words);
        }

        Assert.Equal(expected, Filter(false, text.Select(static c => c.ToString()).ToArray()).Words);
    }

    [Theory]
    [InlineData("a</think>b", "b", true)]
    [InlineData("</think>b", "b", true)]
    [InlineData("a", "a", false)]
    [InlineData("a <thi", "a <thi", false)]
    [InlineData(" \n<think>a</think>b", " \nb", false)]
    [InlineData("a<think>b</think>c", "ac", false)]
    public void Reply_of_a_provider_that_starts_in_thought_is_held_back(string text, string expected, bool startsInThought)
    {
        for (int cut = 0; cut <= text.Length; cut++)
        {
            Assert.Equal((expected, startsInThought), Filter(true, text[..cut], text[cut..]));
        }
    }

    [Theory]
    [InlineData("a</think>b", true)]
    [InlineData("\n\n</think>b", false)]
    [InlineData("<think>a</think>b</think>", false)]
    [InlineData("b", false)]
    public void Reply_with_only_an_end_tag_shows_that_the_provider_starts_in_thought(string text, bool starts) =>
        Assert.Equal(starts, Filter(false, text).StartsInThought);

    [Fact]
    public void Held_text_is_bounded()
    {
        var filter = new ThinkFilter(startsInThought: true);
        string piece = new('x', 1_000);
        for (int i = 0; i < 1_000; i++)
        {
            Assert.Equal("", filter.Append(piece, out _));
        }

        Assert.Equal("", filter.End(atLimit: false));
        Assert.False(filter.StartsInThought);
    }

    [Fact]
    public void Reply_cut_at_the_limit_of_tokens_is_not_spoken_while_it_may_be_in_thought()
    {
        var filter = new ThinkFilter(startsInThought: true);
        filter.Append("still thinking", out _);
        Assert.Equal("", filter.End(atLimit: true));
        Assert.False(filter.StartsInThought);
    }

    [Fact]
    public async Task Provider_that_starts_in_thought_is_remembered()
    {
        string[][] replies = [["先想", "一想", "</think>", "好的。"], ["再想一想。", "</thi", "nk>好。"], ["没有想。"], ["直接说。"]];
        int calls = 0;
        var client = new FakeChatClient((_, _) => SayAsync(replies[calls++]));
        await using var bench = ConversationBench.With(client);
        Dialogue dialogue = bench.Dialogue();
        Assert.Equal(["好的。"], (await bench.SayAsync("一", dialogue)).Sentences);
        Assert.True(bench.Catalog.Resolve("chat").Instance!.Endpoint.StartsInThought);
        Assert.Equal(["好。"], (await bench.SayAsync("二", dialogue)).Sentences);

        // A reply that ends without the tag is spoken whole, and the next one is not held back.
        Assert.Equal(["没有想。"], (await bench.SayAsync("三", dialogue)).Sentences);
        Assert.False(bench.Catalog.Resolve("chat").Instance!.Endpoint.StartsInThought);
        Assert.Equal(["直接说。"], (await bench.SayAsync("四", dialogue)).Sentences);
        Assert.Equal(["好的。", "好。", "没有想。", "直接说。"], bench.Memory.Of("aa:bb").Select(static exchange => exchange.Assistant));
    }

    [Fact]
    public async Task Thoughts_that_were_spoken_before_the_end_tag_are_not_remembered()
    {
        await using var bench = ConversationBench.With(FakeChatClient.Saying("我想一想。", "还在想", "</think>", "好的。"));
        Assert.Equal(["我想一想。", "好的。"], (await bench.SayAsync("你好")).Sentences);
        Assert.Equal("好的。", Assert.Single(bench.Memory.Of("aa:bb")).Assistant);
    }

    [Theory]
    [InlineData("<think>")]
    [InlineData("")]
    public async Task Reasoning_is_not_the_first_token(string start)
    {
        var time = new ManualTimeProvider();
        var steps = new StepStream();
        await using var bench = ConversationBench.With(steps.Client, time);
        using var counted = new CountedMeasurements(bench.Meter);
        (Turn _, RecordingReplySink sink) = bench.Submit(bench.Dialogue(), "你好");
        await steps.SayAsync(start + "想");
        await steps.AskedForMoreAsync();
        time.Turn(TimeSpan.FromMilliseconds(700));
        await steps.SayAsync("</think>");
        await steps.AskedForMoreAsync();
        time.Turn(TimeSpan.FromMilliseconds(300));
        await steps.SayAsync("来了。");
        await sink.Spoken.ReachAsync(1);
        await steps.AskedForMoreAsync();
        time.Turn(TimeSpan.FromMinutes(1));
        await sink.Completed;
        Assert.Equal(1_000, counted["fastgate.conversation.first_token fake chat"]);
    }

    private static (string Words, bool StartsInThought) Filter(bool startsInThought, params string[] chunks)
    {
        var filter = new ThinkFilter(startsInThought);
        var words = new StringBuilder();
        foreach (string chunk in chunks)
        {
            string passed = filter.Append(chunk, out bool takeBack);
            if (takeBack)
            {
                words.Clear();
            }

            words.Append(passed);
        }

        words.Append(filter.End(atLimit: false));
        return (words.ToString(), filter.StartsInThought);
    }

    private static async IAsyncEnumerable<string> SayAsync(string[] chunks)
    {
        foreach (string chunk in chunks)
        {
            await Task.Yield();
            yield return chunk;
        }
    }
}
