namespace FastGate.Auth;

internal static class AuthResults
{
    public static bool IsAccepted(this AuthResult result) => result <= AuthResult.DeviceToken;
}
