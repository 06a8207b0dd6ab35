namespace FastGate.Configuration.Xiaozhi;

/// <summary>A place in the old server's files: the path of the key, its file and its line.</summary>
internal sealed record XiaozhiOrigin(string Path, string File, long Line)
{
    public override string ToString() => $"{Path}, line {Line} of {File}";
}
