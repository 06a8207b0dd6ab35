using FastGate.Configuration.Yaml;
using FastGate.Llm.Settings;

namespace FastGate.Configuration.Xiaozhi;

/// <summary>Converts the model that the old server's file selects for pictures into a provider of its own and the entry <c>vision</c>.</summary>
internal static class XiaozhiVision
{
    /// <summary>
    /// A model whose key is still a placeholder sets nothing: a device with a camera would be offered pictures that are never explained.
    /// </summary>
    public static void SetProvider(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        string alias = AliasOf(row);
        if (node is not YamlMapping model || alias.Contains(':'))
        {
            reader.Note(node, $"{row.Path} {(alias.Contains(':') ? "is a name with a colon" : "holds no settings")} and is ignored");
            return;
        }

        string type = YamlValues.Text(model.Child("type")) ?? LlmProviderTypes.OpenAi;
        if (!type.Equals(LlmProviderTypes.OpenAi, StringComparison.OrdinalIgnoreCase))
        {
            reader.Note(model.Child("type") ?? node, $"{row.Path}.type: {type} is not supported: use a server with /v1/chat/completions (type openai) that takes pictures");
        }
        else if (model.Child("api_key") is not { } key || reader.Setting(key, $"{row.Path}.api_key") is not null)
        {
            string name = $"{row.Key}:{ProviderOf(reader, alias)}";
            reader.Set($"{name}:type", LlmProviderTypes.OpenAi, model.Child("type") ?? node, $"{row.Path}.type");
            reader.SetTree(name, model, row.Path);
        }
    }

    /// <summary>Only a model that <see cref="SetProvider"/> has converted explains pictures, and only where <c>llm_by_mode</c> names no other.</summary>
    public static void SetEntry(XiaozhiConfigReader reader, YamlNode node, XiaozhiMapping row)
    {
        if (YamlValues.Text(node) is not { } alias || reader.IsSet(row.Key))
        {
            return;
        }

        if (reader.Find($"VLLM.{alias}") is null)
        {
            reader.Note(node, $"{row.Path}: the section VLLM has no {alias}, so nothing is selected");
        }
        else if (ProviderOf(reader, alias) is var provider && reader.IsSet($"Llm:Providers:{provider}:type"))
        {
            reader.Set(row.Key, provider, node, row.Path);
        }
    }

    private static string AliasOf(XiaozhiMapping row) => row.Path[(row.Path.IndexOf('.') + 1)..];

    /// <summary>The name of the model, unless a provider of the section LLM has it: the two are different models.</summary>
    private static string ProviderOf(XiaozhiConfigReader reader, string alias) =>
        reader.Find("LLM") is YamlMapping models && models.Entries.Any(entry => entry.Key.Equals(alias, StringComparison.OrdinalIgnoreCase)) ? $"{alias}-vision" : alias;
}
