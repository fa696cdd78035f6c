package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.List;

/** Python's {@code list}: the one sequence that templates can change. */
record ListValue(ArrayList<Value> items) implements Value {
    static ListValue of(List<? extends Value> items) {
        return new ListValue(new ArrayList<>(items));
    }

    @Override
    public String typeName() {
        return "list";
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
