using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace FastGate.CommandLine.Parsing;

/// <summary>The options that select devices, in lists and in acts.</summary>
internal sealed class FilterOptions
{
    private readonly (string Name, Option<string> Option)[] _texts =
    [
        ("prefix", new Option<string>("--prefix") { HelpName = "text", Description = "Devices whose id begins so." }),
        ("address", new Option<string>("--address") { HelpName = "address", Description = "Devices of an address or a network, as 10.1.0.0/16." }),
        ("firmware", new Option<string>("--firmware") { HelpName = "version", Description = "Devices with this firmware." }),
        ("board", new Option<string>("--board") { HelpName = "type", Description = "Devices of this board." }),
        ("tag", new Option<string>("--tag") { HelpName = "tag", Description = "Devices with this tag." }),
    ];

    private readonly (string Name, Option<int?> Option)[] _ages =
    [
        ("minAge", new Option<int?>("--min-age") { HelpName = "seconds", Description = "Devices that are connected for at least so long." }),
        ("maxAge", new Option<int?>("--max-age") { HelpName = "seconds", Description = "Devices that are connected for at most so long." }),
    ];

    public FilterOptions AddTo(Command command)
    {
        foreach ((_, Option<string> option) in _texts)
        {
            command.Options.Add(option);
        }

        foreach ((_, Option<int?> option) in _ages)
        {
            command.Options.Add(option);
        }

        return this;
    }

    /// <summary>The filter of an act; empty when none is given.</summary>
    public JsonObject Body(CommandRun run)
    {
        var filter = new JsonObject();
        foreach ((string name, Option<string> option) in _texts)
        {
            if (run.Value(option) is { } text)
            {
                filter[name] = text;
            }
        }

        foreach ((string name, Option<int?> option) in _ages)
        {
            if (run.Value(option) is { } seconds)
            {
                filter[name] = seconds;
            }
        }

        return filter;
    }

    /// <summary>The filter as a query, with its question mark; empty when none is given.</summary>
    public string Query(CommandRun run)
    {
        string query = string.Join('&', Body(run).Select(static part => string.Create(CultureInfo.InvariantCulture, $"{part.Key}={Uri.EscapeDataString(part.Value!.ToString())}")));
        return query.Length == 0 ? "" : $"?{query}";
    }
}
