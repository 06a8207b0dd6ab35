using System.Collections;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>
/// The state of an entry as one type for all events. The runtime compiles each method that is generic in the state once for each kind of state: about 25
/// methods, for seven kinds while the server starts.
/// </summary>
internal abstract class LogLine(IReadOnlyList<KeyValuePair<string, object?>> parameters) : IReadOnlyList<KeyValuePair<string, object?>>
{
    private static readonly Func<LogLine, Exception?, string> s_format = static (line, exception) => line.Format(exception);

    public int Count => parameters.Count;

    public KeyValuePair<string, object?> this[int index] => parameters[index];

    public static void Write<TState>(ILogger logger, LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (state is IReadOnlyList<KeyValuePair<string, object?>> parameters)
        {
            LogLine line = new Typed<TState>(parameters, state, formatter);
            logger.Log(level, id, line, exception, s_format);
        }
        else
        {
            logger.Log(level, id, state, exception, formatter);
        }
    }

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => parameters.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    protected abstract string Format(Exception? exception);

    private sealed class Typed<TState>(IReadOnlyList<KeyValuePair<string, object?>> parameters, TState state, Func<TState, Exception?, string> formatter) : LogLine(parameters)
    {
        protected override string Format(Exception? exception) => formatter(state, exception);
    }
}
