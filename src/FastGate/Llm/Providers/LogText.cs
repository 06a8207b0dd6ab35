namespace FastGate.Llm.Providers;

/// <summary>Foreign text made fit for a log line: control characters could forge lines or colours.</summary>
internal static class LogText
{
    public static string Clean(string text) =>
        string.Create(text.Length, text, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        }).Trim();
}
