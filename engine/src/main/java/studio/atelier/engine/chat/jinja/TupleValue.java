package studio.atelier.engine.chat.jinja;

import java.util.List;

/**
 * Python's {@code tuple}.
 *
 * @param names what the elements of a named tuple are called, otherwise empty
 */
record TupleValue(List<Value> items, List<String> names) implements Value {
    TupleValue {
        items = List.copyOf(items);
    }

    static TupleValue of(Value... items) {
        return new TupleValue(List.of(items), List.of());
    }

    static TupleValue of(List<Value> items) {
        return new TupleValue(items, List.of());
    }

    @Override
    public String typeName() {
        return "tuple";
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
