using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Xiaozhi;

/// <summary>The configuration of an old server, as FastGate's keys.</summary>
/// <param name="Keys">Keys below the section <c>FastGate</c> with their values.</param>
/// <param name="Origins">Where each key came from, for messages about its value.</param>
/// <param name="Ignored">Keys of the files that FastGate does not use.</param>
/// <param name="Notes">Warnings about places of the files.</param>
/// <param name="Files">The files that were read, and those that will be read once they exist.</param>
internal sealed record XiaozhiConfig(
    IReadOnlyDictionary<string, string?> Keys,
    IReadOnlyDictionary<string, XiaozhiOrigin> Origins,
    IReadOnlyList<XiaozhiIgnored> Ignored,
    IReadOnlyList<ConfigurationNote> Notes,
    IReadOnlyList<string> Files);
