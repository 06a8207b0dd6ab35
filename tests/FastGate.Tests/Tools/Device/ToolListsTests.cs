using System.Text;
using FastGate.Tools.Device;

namespace FastGate.Tests.Tools.Device;

public sealed class ToolListsTests
{
    [Fact]
    public void Equal_pages_share_a_list_and_others_do_not()
    {
        var lists = new ToolLists();

        IReadOnlyList<DeviceTool> first = Share(lists, """{"tools":[{"name":"a"}]}""");
        Assert.Same(first, Share(lists, """{"tools":[{"name":"a"}]}"""));
        Assert.NotSame(first, Share(lists, """{"tools":[{"name":"b"}]}"""));
        Assert.NotSame(first, Share(lists, """{"tools":[{"name":"a"}],"nextCursor":"b"}""", """{"tools":[]}"""));
    }

    [Fact]
    public void Number_of_shared_lists_is_bounded()
    {
        var lists = new ToolLists();
        List<IReadOnlyList<DeviceTool>> kept = [];
        for (int i = 0; i < ToolLists.MaxLists; i++)
        {
            kept.Add(Share(lists, $$"""{"tools":[{"name":"a{{i}}"}]}"""));
        }

        Assert.NotSame(Share(lists, """{"tools":[{"name":"b"}]}"""), Share(lists, """{"tools":[{"name":"b"}]}"""));
        Assert.Same(kept[5], Share(lists, """{"tools":[{"name":"a5"}]}"""));
    }

    private static IReadOnlyList<DeviceTool> Share(ToolLists lists, params string[] pages)
    {
        var list = new McpToolList();
        foreach (string page in pages)
        {
            list.Add(Encoding.UTF8.GetBytes(page));
        }

        return lists.Share(list.Digest, list.Tools);
    }
}
