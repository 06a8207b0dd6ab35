using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace FastGate.Http.Vision;

/// <summary>The fields of a device's request: a question and a picture, in any order.</summary>
/// <param name="Question">What the user wants to know.</param>
/// <param name="Picture">The bytes of the file.</param>
internal sealed record VisionForm(string Question, ReadOnlyMemory<byte> Picture)
{
    /// <summary>Bytes of the request beside the picture: the question, boundaries and headers.</summary>
    public const int Overhead = 64 * 1024;

    private const int MaxQuestion = 8 * 1024;
    private const int MaxFields = 8;
    private const int MaxBoundary = 100;

    /// <summary>Reads the body. What is wrong with it is a status and a text.</summary>
    /// <exception cref="BadHttpRequestException">The body is larger than the server allows, or arrives too slowly.</exception>
    public static async Task<(VisionForm? Form, int Status, string Problem)> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type) ||
            !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase) ||
            HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= MaxBoundary } boundary)
        {
            return (null, StatusCodes.Status400BadRequest, "the request is no multipart/form-data");
        }

        string? question = null;
        byte[]? picture = null;
        try
        {
            var reader = new MultipartReader(boundary.ToString(), request.Body) { HeadersCountLimit = 8, HeadersLengthLimit = 4 * 1024 };
            for (int field = 0; field < MaxFields && await reader.ReadNextSectionAsync(cancellationToken) is { } section; field++)
            {
                string? name = section.GetContentDispositionHeader()?.Name.Value?.Trim('"');
                bool isPicture = name == "file";
                if (await ReadAsync(section.Body, isPicture ? maxBytes : MaxQuestion, cancellationToken) is not { } bytes)
                {
                    return (null, StatusCodes.Status413PayloadTooLarge, isPicture ? $"the picture has more than {maxBytes} bytes" : "a field is too long");
                }

                if (isPicture)
                {
                    picture = bytes;
                }
                else if (name == "question")
                {
                    question = Encoding.UTF8.GetString(bytes).Trim();
                }
            }
        }
        catch (Exception exception) when (exception is InvalidDataException || (exception is IOException and not BadHttpRequestException))
        {
            return (null, StatusCodes.Status400BadRequest, "the request is no whole multipart/form-data");
        }

        return string.IsNullOrEmpty(question) ? (null, StatusCodes.Status400BadRequest, "the field question is missing")
            : picture is not { Length: > 0 } ? (null, StatusCodes.Status400BadRequest, "the field file is missing")
            : (new VisionForm(question, picture), StatusCodes.Status200OK, "");
    }

    /// <summary>Null when there are more bytes than the bound. The buffer grows with the bytes that arrive, not with a promised length.</summary>
    private static async Task<byte[]?> ReadAsync(Stream body, int most, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        byte[] piece = new byte[16 * 1024];
        while (await body.ReadAsync(piece, cancellationToken) is > 0 and var count)
        {
            if (bytes.Length + count > most)
            {
                return null;
            }

            bytes.Write(piece, 0, count);
        }

        return bytes.ToArray();
    }
}
