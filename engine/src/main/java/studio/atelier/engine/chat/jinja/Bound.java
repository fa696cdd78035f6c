package studio.atelier.engine.chat.jinja;

import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The arguments of a call, one for each parameter, null where a parameter was left out. */
record Bound(String function, List<@Nullable Value> values) {
    Value get(int index) {
        Value value = values.get(index);
        if (value == null) {
            throw JinjaException.type(function + "() missing 1 required positional argument");
        }
        return value;
    }

    @Nullable
    Value optional(int index) {
        return values.get(index);
    }

    /** The argument unless it was left out or is None. */
    @Nullable
    Value given(int index) {
        Value value = values.get(index);
        return value == null || value == NoneValue.NONE ? null : value;
    }

    boolean truth(int index, boolean otherwise) {
        Value value = values.get(index);
        return value == null ? otherwise : Truth.of(value);
    }

    StringValue string(int index) {
        if (get(index) instanceof StringValue string) {
            return string;
        }
        throw JinjaException.type(function + "() argument " + (index + 1) + " must be str, not "
                + get(index).typeName());
    }

    String text(int index) {
        return string(index).text();
    }

    String text(int index, String otherwise) {
        return given(index) == null ? otherwise : text(index);
    }

    /** A whole number, cut to the range of an int as Python cuts sizes. */
    int integer(int index) {
        BigInteger number = Numbers.index(get(index));
        if (number == null) {
            throw JinjaException.type("'" + get(index).typeName() + "' object cannot be interpreted as an integer");
        }
        return Numbers.clamped(number);
    }

    int integer(int index, int otherwise) {
        return given(index) == null ? otherwise : integer(index);
    }
}
