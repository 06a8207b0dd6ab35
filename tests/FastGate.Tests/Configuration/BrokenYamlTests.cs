using FastGate.Configuration.Yaml;

namespace FastGate.Tests.Configuration;

/// <summary>Typos in the YAML file are reported with their line and never thrown, because an exception would end a running server.</summary>
public sealed class BrokenYamlTests
{
    private const string Whole = """
        # the file of a fleet
        prompt: |
          你是小智。
          说话要短。
        wakeup_words: ["你好小智", '嘿']
        LLM:
          one: &one {type: openai, model_name: "m"}
          two:
            <<: *one
            url: http://127.0.0.1/v1
        llm_by_mode:
          default: one

        """;

    [Fact]
    public void A_cut_or_an_inserted_character_gives_a_value_or_a_failure_with_its_line()
    {
        string path = Path.GetTempFileName();
        int failures = 0;
        try
        {
            for (int cut = 0; cut <= Whole.Length; cut++)
            {
                foreach (char inserted in "\0[]{}\t:&*!|>'\"%@`-#,")
                {
                    string tail = cut % 2 == 0 ? Whole[cut..] : "";
                    File.WriteAllText(path, Whole[..cut] + (inserted == '\0' ? "" : inserted) + tail);
                    if (YamlFile.Read(path, [], out string? failure) is null)
                    {
                        Assert.Matches(@", line \d+[,:]", failure);
                        failures++;
                    }
                }
            }
        }
        finally
        {
            File.Delete(path);
        }

        Assert.NotEqual(0, failures);
    }
}
