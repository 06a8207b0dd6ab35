using System.Text;
using FastGate.Conversation.Workers;
using FastGate.Llm.Settings;
using FastGate.Memory;
using FastGate.Memory.Summaries;

namespace FastGate.Hosting.Adapters;

/// <summary>Creates summaries with the LLM of the <c>memory</c> purpose. Connects Memory to Conversation.</summary>
internal sealed class ChatSummaryModel(ConversationWorkers conversation) : ISummaryModel
{
    private const string Instruction =
        "你负责整理一位用户与语音助手的对话记忆。根据已有的记忆和新的对话，写出更新后的记忆：用户的姓名、喜好、习惯、约定和重要的事。"
        + "只写事实，不超过三百字，不要写对话过程；没有值得记住的内容时原样返回已有的记忆。";

    public Task<string?> SummarizeAsync(string? previous, IReadOnlyList<StoredExchange> exchanges, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        if (!string.IsNullOrEmpty(previous))
        {
            text.Append("已有的记忆：\n").Append(previous).Append("\n\n");
        }

        text.Append("新的对话：\n");
        foreach (StoredExchange exchange in exchanges)
        {
            text.Append("用户：").Append(exchange.User).Append("\n助手：").Append(exchange.Assistant).Append('\n');
        }

        return conversation.CompleteAsync(LlmConfiguration.MemoryPurpose, Instruction, text.ToString(), cancellationToken);
    }
}
