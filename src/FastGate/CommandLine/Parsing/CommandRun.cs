using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.CommandLine.Client;
using FastGate.CommandLine.Failures;
using FastGate.CommandLine.Output;
using FastGate.Configuration.Loading;

namespace FastGate.CommandLine.Parsing;

/// <summary>One execution of a command: its values, its streams and, once it is needed, the connection to the server.</summary>
internal sealed class CommandRun(ParseResult parse, CommandSetup setup, CancellationToken cancellation) : IDisposable
{
    private readonly HashSet<string> _problems = [];
    private AdminClient? _client;

    public TextWriter Output { get; } = parse.InvocationConfiguration.Output;

    public TextWriter Error { get; } = parse.InvocationConfiguration.Error;

    public string[] Settings => setup.Settings;

    public bool Json => parse.GetValue(setup.Json);

    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>The same for each attempt of this run, so that an act that is sent again is done once.</summary>
    public string RequestId => field ??= parse.GetValue(setup.RequestId) ?? Guid.NewGuid().ToString("N");

    public AdminClient Client => _client ??= new AdminClient(AdminServer.Find(Settings, parse.GetValue(setup.Server), parse.GetValue(setup.TokenFile), Error));

    public T? Value<T>(Option<T> option) => parse.GetValue(option);

    public T? Value<T>(Argument<T> argument) => parse.GetValue(argument);

    /// <summary>Writes one document: as JSON, or in the command's own form.</summary>
    public int Show(JsonElement document, Action<JsonElement> write)
    {
        if (Json)
        {
            Output.WriteLine(JsonText.Write(document, indented: true));
        }
        else
        {
            write(document);
        }

        return ExitCode.Success;
    }

    /// <summary>Writes one document: as JSON, or as lines of titles and values.</summary>
    public int Show(JsonElement document, IReadOnlyList<Column> lines) => Show(document, shown => TextTable.WriteReport(Output, lines, shown));

    /// <summary>Writes the items of a document's array: one JSON line each, or a table.</summary>
    public int ShowItems(JsonElement document, string items, IReadOnlyList<Column> columns)
    {
        ShowPage([.. document.GetProperty(items).EnumerateArray()], new TextTable(Output, columns));
        return ExitCode.Success;
    }

    /// <summary>Writes a list page by page: one JSON line for each item, or a table.</summary>
    public async Task<int> ShowListAsync(string path, string items, int? most, IReadOnlyList<Column> columns)
    {
        if (most < 1)
        {
            throw new CommandFailedException(ExitCode.Usage, "--limit is a number from 1.");
        }

        var table = new TextTable(Output, columns);
        await foreach (IReadOnlyList<JsonElement> page in Client.PagesAsync(path, items, most, ReportProblems, Cancellation))
        {
            ShowPage(page, table);
        }

        return ExitCode.Success;
    }

    private void ShowPage(IReadOnlyList<JsonElement> page, TextTable table)
    {
        if (!Json)
        {
            table.Write(page);
            return;
        }

        foreach (JsonElement item in page)
        {
            Output.WriteLine(JsonText.Write(item, indented: false));
        }
    }

    /// <summary>Asks before an act that cannot be undone or that affects many devices.</summary>
    public void Confirm(string question)
    {
        if (parse.GetValue(setup.Yes))
        {
            return;
        }

        if (Console.IsInputRedirected)
        {
            throw new CommandFailedException(ExitCode.Usage, $"{question} Add --yes to confirm: the input is not a terminal.");
        }

        Error.Write($"{TerminalText.Safe(question)} [y/N] ");
        if (Console.In.ReadLine()?.Trim() is not ("y" or "Y" or "yes"))
        {
            throw new CommandFailedException(ExitCode.Failed, "Not confirmed; nothing was done.");
        }
    }

    public Task<JsonElement> GetAsync(string path) => Client.GetAsync(path, Cancellation);

    public Task<JsonElement> PostAsync(string path, JsonObject? body = null) => Client.ActAsync(HttpMethod.Post, path, body, RequestId, Cancellation);

    public Task<JsonElement> PutAsync(string path, JsonObject body) => Client.ActAsync(HttpMethod.Put, path, body, RequestId, Cancellation);

    public Task<JsonElement> DeleteAsync(string path) => Client.ActAsync(HttpMethod.Delete, path, null, RequestId, Cancellation);

    /// <summary>Writes the answer to an act: as JSON, or one sentence. The nodes of a cluster that have not done it are errors.</summary>
    public int Done(JsonElement answer, string sentence)
    {
        ReportProblems(answer);
        return Show(answer, _ => Output.WriteLine(TerminalText.Safe(sentence)));
    }

    /// <summary>Writes a line for each node of a cluster that has not answered, once.</summary>
    public void ReportProblems(JsonElement answer)
    {
        if (answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("problems", out JsonElement problems) && problems.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement problem in problems.EnumerateArray())
            {
                if (_problems.Add(problem.ToString()))
                {
                    Error.WriteLine(TerminalText.Safe(problem.ToString()));
                }
            }
        }
    }

    /// <summary>Runs the body and turns the failures that an operator can correct into one line and an exit code.</summary>
    public async Task<int> GuardAsync(Func<CommandRun, Task<int>> run)
    {
        try
        {
            return await run(this);
        }
        catch (CommandFailedException failed)
        {
            await Error.WriteLineAsync(TerminalText.Safe(failed.Message));
            return failed.ExitCode;
        }
        catch (InvalidConfigurationException exception)
        {
            await Error.WriteLineAsync(exception.Message);
            return ExitCode.Failed;
        }
        catch (JsonException exception)
        {
            await Error.WriteLineAsync($"The answer is not the JSON of a FastGate server: {exception.Message}");
            return ExitCode.Failed;
        }
        catch (IOException exception) when (PipeOutput.IsBroken(exception))
        {
            return ExitCode.ReaderLeft;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            await Error.WriteLineAsync(exception.Message);
            return ExitCode.Failed;
        }
    }

    public void Dispose() => _client?.Dispose();
}
