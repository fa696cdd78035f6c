package studio.atelier.engine.chat.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** What Python's equality makes one key: 1, 1.0 and True are the same, a text is only like a text. */
final class HashKey {
    /** Values that a tuple may hold as a key, those inside its tuples included. */
    private static final int MAX_VALUES = 10_000;

    private record Elements(List<Object> keys) {}

    private int values;

    private HashKey() {}

    static Object of(Value value) {
        return value instanceof StringValue string ? string.text() : new HashKey().of(value, 0);
    }

    private Object of(Value value, int depth) {
        if (++values > MAX_VALUES || depth > Budget.MAX_NESTING) {
            throw JinjaException.limit(
                    "a key holds more than " + MAX_VALUES + " values or " + Budget.MAX_NESTING + " levels of them");
        }
        return switch (value) {
            case StringValue string -> string.text();
            case IntegerValue integer -> integer.number();
            case BooleanValue truth -> truth.truth() ? BigInteger.ONE : BigInteger.ZERO;
            case FloatValue number -> ofDouble(number.number());
            case TupleValue tuple -> ofTuple(tuple, depth);
            case ListValue list -> throw unhashable(list);
            case DictValue dict -> throw unhashable(dict);
            case DictView view -> throw unhashable(view);
            case Undefined undefined -> Undefined.class;
            case NoneValue none -> none;
            case RangeValue range -> range;
            case GeneratorValue generator -> generator;
            case NamespaceValue namespace -> namespace;
            case CyclerValue cycler -> cycler;
            case Callable callable -> callable;
        };
    }

    private static Object ofDouble(double number) {
        boolean whole = number == Math.rint(number) && !Double.isInfinite(number);
        return whole ? new BigDecimal(number).toBigInteger() : Double.valueOf(number);
    }

    private Object ofTuple(TupleValue tuple, int depth) {
        var keys = new ArrayList<Object>(tuple.items().size());
        for (Value item : tuple.items()) {
            keys.add(of(item, depth + 1));
        }
        return new Elements(keys);
    }

    private static JinjaException unhashable(Value value) {
        return JinjaException.type("unhashable type: '" + value.typeName() + "'");
    }
}
