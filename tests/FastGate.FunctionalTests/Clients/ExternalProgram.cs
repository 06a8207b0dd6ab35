using System.Diagnostics;
using System.Text;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Clients;

/// <summary>Runs external programs.</summary>
public static class ExternalProgram
{
    public const string Python = "/usr/bin/python3";

    /// <summary>Arguments for a Chromium without a window that makes no request of its own.</summary>
    public static string[] HeadlessChromium(string profile) =>
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", $"--user-data-dir={profile}",
    ];

    /// <summary>Runs the program to its end and returns its standard output. An exit code other than 0 fails the test and shows both streams.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, string? workingDirectory = null)
    {
        (int exitCode, string output, string errors) = await RunToEndAsync(program, arguments, workingDirectory);
        Assert.True(exitCode == 0, $"{program} exited with {exitCode}.\n{output}\n{errors}");
        return output;
    }

    /// <summary>Runs the program to its end, with a closed standard input.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunToEndAsync(string program, IEnumerable<string> arguments, string? workingDirectory = null)
    {
        using Process process = Start(program, arguments, workingDirectory);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Deadline.Program);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not exit.\n{await output}\n{await errors}");
        }

        return (process.ExitCode, await output, await errors);
    }

    public static Process Start(string program, IEnumerable<string> arguments, string? workingDirectory = null)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            WorkingDirectory = workingDirectory ?? "",
        };

        // Some runtimes decode their arguments with the locale's encoding.
        start.Environment["LC_ALL"] = "C.UTF-8";
        return Process.Start(start)!;
    }

    /// <summary>Returns whether the program starts and exits with 0; tells whether it is installed.</summary>
    public static bool Succeeds(string program, params string[] arguments)
    {
        try
        {
            using Process process = Start(program, arguments);
            process.StandardInput.Close();
            process.OutputDataReceived += static (_, _) => { };
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return process.WaitForExit(Deadline.Program) && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
