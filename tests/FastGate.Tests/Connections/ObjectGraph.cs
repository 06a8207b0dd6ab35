using System.Reflection;

namespace FastGate.Tests.Connections;

/// <summary>Objects that can be reached from some, with the values of their fields at one moment.</summary>
internal sealed class ObjectGraph
{
    private readonly Dictionary<object, object?[]> _values = new(ReferenceEqualityComparer.Instance);

    public int Count => _values.Count;

    /// <param name="roots">Where the graph begins.</param>
    /// <param name="except">Objects of this graph are not entered.</param>
    public static ObjectGraph Of(IEnumerable<object> roots, ObjectGraph? except = null)
    {
        var graph = new ObjectGraph();
        var open = new Stack<object>(roots);
        while (open.TryPop(out object? next))
        {
            if (next is string or MemberInfo or Delegate or Thread || next.GetType().IsPointer || except?._values.ContainsKey(next) == true || graph._values.ContainsKey(next))
            {
                continue;
            }

            object?[] values = next is Array array ? Elements(array) : [.. FieldsOf(next.GetType()).Select(field => field.GetValue(next))];
            graph._values.Add(next, values);
            foreach (object value in values.OfType<object>().SelectMany(ReferencesOf))
            {
                open.Push(value);
            }
        }

        return graph;
    }

    /// <summary>The fields that differ, and the types of objects that are new.</summary>
    public IReadOnlyList<string> Changes(ObjectGraph later)
    {
        List<string> changes = [];
        foreach ((object one, object?[] values) in later._values)
        {
            if (!_values.TryGetValue(one, out object?[]? before))
            {
                changes.Add($"new {one.GetType().Name}");
                continue;
            }

            FieldInfo[] fields = one is Array ? [] : [.. FieldsOf(one.GetType())];
            for (int index = 0; index < values.Length; index++)
            {
                if (values[index] is ValueType ? !values[index]!.Equals(before[index]) : !ReferenceEquals(values[index], before[index]))
                {
                    changes.Add($"{one.GetType().Name}.{(one is Array ? "element" : fields[index].Name)}");
                }
            }
        }

        return changes;
    }

    /// <summary>The contents of buffers are no objects, and there may be many of them.</summary>
    private static object?[] Elements(Array array) => array.GetType().GetElementType()!.IsPrimitive ? [] : [.. array.Cast<object?>()];

    /// <summary>The object itself, or those in the fields of a structure.</summary>
    private static IEnumerable<object> ReferencesOf(object value) => value switch
    {
        Pointer => [],
        ValueType structure when structure.GetType().IsPrimitive || structure is Enum => [],
        ValueType structure => FieldsOf(structure.GetType()).Where(static field => field.FieldType != field.DeclaringType)
            .Select(field => field.GetValue(structure)).OfType<object>().SelectMany(ReferencesOf),
        _ => [value],
    };

    private static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (Type? level = type; level is not null && level != typeof(object); level = level.BaseType)
        {
            foreach (FieldInfo field in level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (!field.FieldType.IsByRefLike && !field.FieldType.IsPointer)
                {
                    yield return field;
                }
            }
        }
    }
}
