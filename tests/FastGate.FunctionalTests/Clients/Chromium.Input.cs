using System.Text.Json.Nodes;

namespace FastGate.FunctionalTests.Clients;

/// <content>Keys, and what a person sees.</content>
public sealed partial class Chromium
{
    /// <summary>Presses a key, such as <c>Tab</c>, <c>Enter</c>, <c>Escape</c> or <c>Space</c>.</summary>
    public async Task PressAsync(string key)
    {
        (string name, int code, string? text) = key switch
        {
            "Tab" => ("Tab", 9, null),
            "Enter" => ("Enter", 13, "\r"),
            "Escape" => ("Escape", 27, null),
            "Space" => (" ", 32, " "),
            _ => throw new ArgumentOutOfRangeException(nameof(key), key, "The key has no code here."),
        };
        JsonObject Event(string type, bool writes)
        {
            JsonObject call = new()
            {
                ["type"] = type,
                ["key"] = name,
                ["code"] = key,
                ["windowsVirtualKeyCode"] = code,
            };
            if (writes && text is not null)
            {
                call["text"] = text;
            }

            return call;
        }

        await CallAsync("Input.dispatchKeyEvent", Event(text is null ? "rawKeyDown" : "keyDown", writes: true));
        await CallAsync("Input.dispatchKeyEvent", Event("keyUp", writes: false));
    }

    /// <summary>Writes into the element that has the focus.</summary>
    public Task TypeAsync(string text) => CallAsync("Input.insertText", new JsonObject { ["text"] = text });

    /// <summary>What the system of the reader prefers.</summary>
    public Task PreferAsync(string colorScheme) => CallAsync(
        "Emulation.setEmulatedMedia",
        new JsonObject { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = colorScheme }) });

    /// <summary>The page as PNG.</summary>
    public async Task<byte[]> ScreenshotAsync(int width = 1200, int height = 900)
    {
        await CallAsync(
            "Emulation.setDeviceMetricsOverride",
            new JsonObject { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        // The first frame after the change of the size may still show the page before it.
        await EvaluateAsync("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
        JsonNode shot = await CallAsync("Page.captureScreenshot", new JsonObject { ["format"] = "png" });
        return Convert.FromBase64String((string)shot["data"]!);
    }
}
