namespace FastGate.Configuration.Xiaozhi;

/// <summary>A key of the old server's files that FastGate does not use.</summary>
internal sealed record XiaozhiIgnored(string Path, string File, long Line)
{
    private static readonly (string Path, string Lost)[] s_lost =
    [
        ("enable_stop_tts_notify", "the tone after an answer"),
        ("voiceprint", "recognition of the speaker"),
        .. new[] { "Intent", "selected_module.Intent", "plugins", "mcp_endpoint", "Plugins", "functions" }.Select(static path => (path, "plugins and functions")),
        .. new[] { "manager-api.url", "read_config_from_api", "context_providers" }.Select(static path => (path, "the configuration of the management console")),
        .. new[] { "server.mqtt_gateway", "server.mqtt_manager_api", "server.mqtt_signature_key", "server.udp_gateway" }.Select(static path => (path, "the MQTT gateway")),
    ];

    /// <summary>The service that the old server gives by this key and FastGate does not; null where nothing is lost.</summary>
    public string? Lost => s_lost.FirstOrDefault(row => Path == row.Path || Path.StartsWith(row.Path + ".", StringComparison.Ordinal)).Lost;

    public override string ToString() => $"{Path} (line {Line})";
}
