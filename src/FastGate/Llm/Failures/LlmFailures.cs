using System.Text.Json;

namespace FastGate.Llm.Failures;

/// <summary>Classifies the exceptions of clients and sockets.</summary>
internal static class LlmFailures
{
    public static LlmException Of(Exception exception)
    {
        // A client may wrap the exception of the HTTP handler.
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is LlmException named)
            {
                return named;
            }
        }

        return new LlmException(ByCause(exception), LogText.Clean(exception.Message), exception);
    }

    /// <summary>
    /// Whether the failure counts against the provider. A rejection of one request, a cancellation, and a timeout of a background call do not.
    /// </summary>
    public static bool CountsAgainstBreaker(LlmException exception, bool background = false) => exception.Failure switch
    {
        LlmFailure.FirstTokenTimeout or LlmFailure.BetweenTokensTimeout => !background,
        LlmFailure.Unreachable => true,
        LlmFailure.Throttled or LlmFailure.Cut or LlmFailure.Garbage or LlmFailure.Unexpected => true,
        LlmFailure.Refused => exception.Status is 0 or 401 or 402 or 403 or 408 or >= 500,
        _ => false,
    };

    private static LlmFailure ByCause(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded }:
                    return LlmFailure.Cut;
                case HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError }:
                case TimeoutException:
                    return LlmFailure.Unreachable;
                case JsonException or FormatException or InvalidDataException or ArgumentException or KeyNotFoundException:
                    return LlmFailure.Garbage;
                default:
                    break;
            }
        }

        return exception switch
        {
            HttpRequestException or IOException => LlmFailure.Cut,
            // The gateway's token is not cancelled, so this is the client's connect timeout.
            OperationCanceledException => LlmFailure.Unreachable,
            InvalidOperationException => LlmFailure.Garbage,
            _ => LlmFailure.Unexpected,
        };
    }
}
