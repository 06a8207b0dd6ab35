using FastGate.Configuration.Validation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace FastGate.Configuration.Loading;

/// <summary>
/// A JSON file of the framework's kind that must be UTF-8, and in which the last of duplicate keys is used, with a note. The framework replaces
/// characters of other encodings silently and refuses duplicate keys without their lines.
/// </summary>
internal sealed class CheckedJsonSource : JsonConfigurationSource
{
    /// <param name="path">An absolute path; the file need not exist.</param>
    public CheckedJsonSource(string path)
    {
        (Path, Optional) = (path, true);
        ResolveFileProvider();
    }

    public override IConfigurationProvider Build(IConfigurationBuilder builder)
    {
        EnsureDefaults(builder);
        return new Provider(this);
    }

    /// <summary>What a provider of this source found, after it has loaded.</summary>
    public static IReadOnlyList<ConfigurationNote> NotesOf(IConfigurationProvider? provider) => (provider as Provider)?.Notes ?? [];

    private sealed class Provider(CheckedJsonSource source) : JsonConfigurationProvider(source)
    {
        public IReadOnlyList<ConfigurationNote> Notes { get; private set; } = [];

        public override void Load(Stream stream)
        {
            string file = Source.FileProvider?.GetFileInfo(Source.Path!).PhysicalPath ?? Source.Path!;
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            Notes = [];
            if (JsonDuplicates.Resolve(file, bytes.ToArray(), out IReadOnlyList<ConfigurationNote> notes) is { } resolved)
            {
                Notes = notes;
                base.Load(new MemoryStream(resolved));
            }
        }
    }
}
