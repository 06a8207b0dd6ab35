using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace FastGate.Http.Pages;

/// <summary>The languages of the pages.</summary>
internal enum PageLanguage
{
    English,
    Chinese,
}

/// <summary>Chooses the language of a page.</summary>
internal static class PageLanguages
{
    /// <summary>The preferred one of <c>Accept-Language</c>; English when it names neither.</summary>
    public static PageLanguage Of(HttpRequest request)
    {
        _ = StringWithQualityHeaderValue.TryParseList([.. request.Headers.AcceptLanguage.OfType<string>()], out IList<StringWithQualityHeaderValue>? accepted);
        StringWithQualityHeaderValue? best = (accepted ?? [])
            .Where(static language => language.Quality is not 0 && (Is(language, "zh") || Is(language, "en")))
            .MaxBy(static language => language.Quality ?? 1);
        return best is not null && Is(best, "zh") ? PageLanguage.Chinese : PageLanguage.English;
    }

    private static bool Is(StringWithQualityHeaderValue language, string tag) =>
        language.Value.AsSpan().StartsWith(tag, StringComparison.OrdinalIgnoreCase) && (language.Value.Length == tag.Length || language.Value.Value![tag.Length] == '-');
}
