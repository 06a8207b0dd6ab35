using System.Text.Json;

namespace FastGate.Llm.Failures;

/// <summary>Sorts what SDKs and sockets throw, once.</summary>
internal static class LlmFailures
{
    public static LlmException Of(Exception exception)
    {
        // SDKs wrap; what the HTTP handler named is somewhere inside.
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
    /// Whether it speaks against the provider's health. A refusal of this one request does not, and an interruption never; nor does a long
    /// question in the background that is not answered in time.
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
            // Not our token: the client gave up on its own, which is what a connect timeout looks like.
            OperationCanceledException => LlmFailure.Unreachable,
            InvalidOperationException => LlmFailure.Garbage,
            _ => LlmFailure.Unexpected,
        };
    }
}
