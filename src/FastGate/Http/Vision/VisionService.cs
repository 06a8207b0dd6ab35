using System.Text;
using FastGate.Auth;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Http.Server;
using FastGate.Llm.Calls;
using FastGate.Llm.Settings;
using FastGate.Protocol.Handshake;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Vision;

/// <summary>
/// Explains the pictures of devices. A device passes the body of a 200 on to the model and drops every other answer, so what the user should hear is a
/// 200 too.
/// </summary>
internal sealed class VisionService(
    GatewayConfiguration configuration, VisionTokens tokens, VisionAccess access, LlmCalls calls, VisionMetrics metrics, ILogger log, TimeProvider time)
{
    private const int MaxToken = 256;

    private const string Instruction =
        "The user's device took this picture. Answer the question about it in the language of the question, in a few short sentences of plain text: the answer is read aloud.";

    private int _running;

    /// <summary>One line for a person who opens the address in a browser.</summary>
    public async Task GetAsync(HttpContext context)
    {
        string url = access.ConfiguredUrl ?? VisionAddresses.UrlOf(context, configuration.Current.Http);
        string text = access.WhyNot() is { } reason ? $"MCP Vision 接口未启用 (not available): {reason}\n" : $"MCP Vision 接口运行正常，视觉解释接口地址是：{url}\n";
        byte[] body = Encoding.UTF8.GetBytes(text);
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    public async Task PostAsync(HttpContext context)
    {
        VisionOptions options = configuration.Current.Vision;
        string deviceId = context.Request.Headers["Device-Id"].ToString();
        if (!IsAuthorized(context.Request, deviceId, options))
        {
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, "the token is not valid for this device");
            return;
        }

        // Also for answers that do not depend on the body: the server reads it to its end, because a device reads no answer before it has sent everything.
        int most = options.MaxBytes + VisionForm.Overhead;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = most;
        }

        if (context.Request.ContentLength > most)
        {
            await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, $"the picture has more than {options.MaxBytes} bytes");
            return;
        }

        if (access.WhyNot() is { } reason)
        {
            await FailAsync(context, deviceId, reason);
            return;
        }

        if (Interlocked.Increment(ref _running) > options.Concurrency)
        {
            Interlocked.Decrement(ref _running);
            context.Response.Headers.RetryAfter = "1";
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "too many pictures at once");
            return;
        }

        try
        {
            await ExplainAsync(context, deviceId, options);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private async Task ExplainAsync(HttpContext context, string deviceId, VisionOptions options)
    {
        (VisionForm? form, int status, string problem) = await ReadAsync(context, options);
        if (form is null)
        {
            await RefuseAsync(context, status, problem);
            return;
        }

        if (PictureFormat.Of(form.Picture.Span) is not { } mediaType)
        {
            await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, "the file is no JPEG, PNG, GIF or WebP picture");
            return;
        }

        long began = time.GetTimestamp();
        (string? answer, string failure) = await AskAsync(form, mediaType, options.Timeout, context.RequestAborted);
        if (answer is null)
        {
            await FailAsync(context, deviceId, failure);
            return;
        }

        metrics.Ended("explained");
        metrics.Explained(time.GetElapsedTime(began));
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, VisionReply.Of(answer), VisionJson.Default.VisionReply);
    }

    private bool IsAuthorized(HttpRequest request, string deviceId, VisionOptions options) =>
        request.Headers.Authorization.ToString() is { Length: <= MaxToken } header && header.StartsWith("Bearer ", StringComparison.Ordinal) &&
        tokens.IsValid(header["Bearer ".Length..], deviceId, time.GetUtcNow(), options.TokenLifetime);

    private async Task<(VisionForm? Form, int Status, string Problem)> ReadAsync(HttpContext context, VisionOptions options)
    {
        using var timeout = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, context.RequestAborted);
        try
        {
            return await VisionForm.ReadAsync(context.Request, options.MaxBytes, either.Token);
        }
        catch (BadHttpRequestException exception)
        {
            return (null, exception.StatusCode, exception.Message);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return (null, StatusCodes.Status408RequestTimeout, "the picture did not arrive in time");
        }
    }

    /// <summary>One attempt without a fallback: another provider may not see the picture.</summary>
    private async Task<(string? Answer, string Failure)> AskAsync(VisionForm form, string mediaType, TimeSpan limit, CancellationToken aborted)
    {
        var answer = new CollectingReceiver();
        var cancellation = new LlmCancellation();
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, aborted);
        using CancellationTokenRegistration registration = either.Token.UnsafeRegister(static state => ((LlmCancellation)state!).Fire(), cancellation);
        var prompt = new LlmPrompt(
        [
            new ChatMessage(ChatRole.System, Instruction),
            new ChatMessage(ChatRole.User, [new DataContent(form.Picture, mediaType), new TextContent(form.Question)]),
        ]);
        LlmCallResult result = await calls.AskOnceAsync(LlmConfiguration.VisionPurpose, prompt, answer, cancellation);
        return result.Succeeded ? (answer.ToString(), "")
            : (null, timeout.IsCancellationRequested ? "the model did not explain the picture in time" : $"the model failed to explain the picture ({result.Failure})");
    }

    private Task RefuseAsync(HttpContext context, int status, string message)
    {
        metrics.Ended(status switch
        {
            StatusCodes.Status401Unauthorized => "unauthorized",
            StatusCodes.Status413PayloadTooLarge => "too_large",
            StatusCodes.Status503ServiceUnavailable => "busy",
            _ => "invalid",
        });
        log.PictureRefused($"{context.Connection.RemoteIpAddress}", status, message);
        return JsonReply.WriteAsync(context, status, VisionReply.Failed(message), VisionJson.Default.VisionReply);
    }

    private Task FailAsync(HttpContext context, string deviceId, string reason)
    {
        metrics.Ended("failed");
        log.PictureNotExplained(HandshakeText.Render(Encoding.UTF8.GetBytes(deviceId)), reason);
        return JsonReply.WriteAsync(context, StatusCodes.Status200OK, VisionReply.Failed(reason), VisionJson.Default.VisionReply);
    }
}
