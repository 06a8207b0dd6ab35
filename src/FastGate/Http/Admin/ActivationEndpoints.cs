using FastGate.Http.Ota;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>Devices that wait for the confirmation of their code. The list has no codes: a code proves that the operator sees or hears the device.</summary>
internal sealed class ActivationEndpoints(Activations activations)
{
    private const string Path = $"{AdminRoutes.Prefix}/activations";

    public void Map(AdminRoutes routes)
    {
        routes.Read(
            Path,
            new AdminOperation("activations", "The devices that wait for the confirmation of their code, oldest first") { Answer = typeof(ActivationPage), Example = Path },
            ListAsync);
        routes.Act(
            HttpMethods.Post,
            Path,
            new AdminOperation("activate", "Lets the device that shows or speaks a code get its token")
            {
                Body = typeof(ActivationBody),
                Answer = typeof(DeviceActivated),
                Errors = [StatusCodes.Status404NotFound, StatusCodes.Status503ServiceUnavailable],
                Example = """{"code":"042137"}""",
            },
            ActivateAsync);
    }

    private Task ListAsync(HttpContext context) => AdminJson.ReplyAsync(
        context,
        new ActivationPage([.. activations.Pending.Select(static one => new ActivationReport(one.DeviceId, one.Board, one.Address.ToString(), one.At, one.At + Activations.Lifetime))]),
        AdminJson.Default.ActivationPage);

    private Task<AdminAnswer> ActivateAsync(AdminAct act)
    {
        string? code = act.Read(AdminJson.Default.ActivationBody).Code?.Trim();
        if (code is not { Length: Activations.Digits } || !code.All(char.IsAsciiDigit))
        {
            throw AdminQuery.Wrong("code is the six digits that the device shows or speaks");
        }

        return FleetStoreAnswer.OfAsync(() =>
        {
            ActivationResult result = activations.Confirm(code, out string? deviceId);
            act.Target = deviceId;
            return result switch
            {
                ActivationResult.Done => AdminAnswer.Of(new DeviceActivated(deviceId!), AdminJson.Default.DeviceActivated),
                ActivationResult.Unknown => AdminAnswer.Problem(StatusCodes.Status404NotFound, "no device has this code; a code is valid for ten minutes"),
                ActivationResult.TooManyWrong => AdminAnswer.Problem(StatusCodes.Status429TooManyRequests, "too many wrong codes; wait ten minutes"),
                _ => AdminAnswer.Problem(StatusCodes.Status503ServiceUnavailable, "there are too many known devices"),
            };
        });
    }
}
