using System.Runtime.InteropServices;

namespace FastGate.Restart;

/// <summary>
/// The program and its arguments as they were started. The path is not resolved: after an upgrade that renamed a folder or switched a link, it
/// names the new program. <c>/proc/self/exe</c> would name the old one, even after it was deleted.
/// </summary>
/// <param name="Path">Absolute.</param>
/// <param name="Arguments">With the name of the program as the first.</param>
internal sealed partial record ProgramImage(string Path, IReadOnlyList<string> Arguments)
{
    private const nuint ExecutableName = 31;

    /// <summary>Why a process cannot replace itself on this system; null when it can.</summary>
    public static string? WhyUnsupported =>
        OperatingSystem.IsLinux() ? null : $"a process cannot replace itself and keep its connections on {RuntimeInformation.OSDescription}; stop it and start it again";

    /// <summary>Linux only. Throws <see cref="IOException"/> when the system does not name the program.</summary>
    public static ProgramImage OfProcess()
    {
        string[] arguments = File.ReadAllText("/proc/self/cmdline").Split('\0')[..^1];

        // What was passed to the system call that started this process, found in the auxiliary vector.
        string? path = Marshal.PtrToStringUTF8((nint)GetAuxiliaryValue(ExecutableName));
        return string.IsNullOrEmpty(path) || arguments.Length == 0
            ? throw new IOException("the system does not name the program of this process")
            : new ProgramImage(System.IO.Path.GetFullPath(path), arguments);
    }

    [LibraryImport("libc", EntryPoint = "getauxval")]
    private static partial nuint GetAuxiliaryValue(nuint type);
}
