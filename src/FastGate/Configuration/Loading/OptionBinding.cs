using System.Reflection;
using FastGate.Configuration.Options;
using FastGate.Configuration.Validation;
using Microsoft.Extensions.Configuration;

namespace FastGate.Configuration.Loading;

/// <summary>
/// Binds keys to the option records. The framework's binder is not used: without code generated at run time it skips init-only properties without an
/// error, so that a program published with Native AOT would run with every default.
/// </summary>
internal static class OptionBinding
{
    /// <summary>The section <c>FastGate</c> with these keys, which have no prefix.</summary>
    public static IConfigurationSection SectionOf(Dictionary<string, string?> keys) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(keys.Select(static key => KeyValuePair.Create($"{GatewayOptions.Section}:{key.Key}", key.Value)))
            .Build()
            .GetSection(GatewayOptions.Section);

    /// <summary>A section without keys has every default. Throws for a text that <see cref="OptionShapes.Check"/> refuses.</summary>
    public static GatewayOptions Bind(IConfigurationSection section)
    {
        var options = new GatewayOptions();
        Bind(options, section);
        return WithDefaultLists(options);
    }

    /// <summary>Sets the properties of a new record, which has no other owner yet, and of the records in it.</summary>
    private static void Bind(IOptionSection options, IConfigurationSection section)
    {
        foreach (PropertyInfo property in OptionSchema.PropertiesOf(options))
        {
            IConfigurationSection child = section.GetSection(property.Name);
            if (OptionSchema.IsSection(property))
            {
                Bind((IOptionSection)property.GetValue(options)!, child);
            }
            else if (property.PropertyType == typeof(IReadOnlyList<string>))
            {
                string[] items = [.. child.GetChildren().Select(static item => item.Value).OfType<string>()];
                property.SetValue(options, items);
            }
            else if (child.Value is { } text)
            {
                property.SetValue(options, OptionShapes.Convert(OptionSchema.TypeOf(property), text)
                    ?? throw new FormatException($"{child.Path} is not of type {OptionSchema.TypeOf(property).Name}."));
            }
        }
    }

    /// <summary>An empty list has its default, whose words are those of a language.</summary>
    private static GatewayOptions WithDefaultLists(GatewayOptions options) => options with
    {
        Session = options.Session with
        {
            WakeupWords = options.Session.WakeupWords.Count > 0 ? options.Session.WakeupWords : SessionOptions.DefaultWakeupWords,
            ExitCommands = options.Session.ExitCommands.Count > 0 ? options.Session.ExitCommands : SessionOptions.DefaultExitCommands,
        },
    };
}
