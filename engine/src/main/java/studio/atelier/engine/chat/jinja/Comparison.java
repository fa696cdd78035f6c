package studio.atelier.engine.chat.jinja;

import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's {@code ==}, {@code <} and {@code in}. */
final class Comparison {
    /** The operators, as templates spell them. */
    enum Operator {
        EQUAL("=="),
        NOT_EQUAL("!="),
        LESS("<"),
        LESS_OR_EQUAL("<="),
        GREATER(">"),
        GREATER_OR_EQUAL(">="),
        IN("in"),
        NOT_IN("not in");

        private final String sign;

        Operator(String sign) {
            this.sign = sign;
        }
    }

    private Comparison() {}

    static boolean holds(Operator operator, Value left, Value right, Budget budget) {
        return switch (operator) {
            case EQUAL -> equal(left, right, budget);
            case NOT_EQUAL -> !equal(left, right, budget);
            case IN -> contains(right, left, budget);
            case NOT_IN -> !contains(right, left, budget);
            case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> ordered(operator, left, right, budget, 0);
        };
    }

    static boolean equal(Value left, Value right, Budget budget) {
        return equal(left, right, budget, 0);
    }

    private static boolean equal(Value left, Value right, Budget budget, int depth) {
        budget.nesting(depth);
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            Integer order = Numbers.compare(left, right);
            return order != null && order == 0;
        }
        return switch (left) {
            case StringValue string -> right instanceof StringValue other && sameText(string, other, budget);
            case ListValue list ->
                right instanceof ListValue other
                        && (list == other || sameItems(list.items(), other.items(), budget, depth));
            case TupleValue tuple ->
                right instanceof TupleValue other
                        && (tuple == other || sameItems(tuple.items(), other.items(), budget, depth));
            case DictValue dict ->
                right instanceof DictValue other && (dict == other || sameEntries(dict, other, budget, depth));
            case Undefined undefined -> right instanceof Undefined;
            case RangeValue range -> right instanceof RangeValue other && sameRange(range, other);
            case DictView view -> right instanceof DictView other && sameView(view, other, budget, depth);
            case NoneValue none -> left == right;
            case BooleanValue truth -> false;
            case IntegerValue integer -> false;
            case FloatValue number -> false;
            case GeneratorValue generator -> left == right;
            case NamespaceValue namespace -> left == right;
            case CyclerValue cycler -> left == right;
            case Callable callable -> left == right;
        };
    }

    private static boolean sameText(StringValue left, StringValue right, Budget budget) {
        budget.work(Math.min(left.text().length(), right.text().length()));
        return left.text().equals(right.text());
    }

    private static boolean sameItems(List<Value> left, List<Value> right, Budget budget, int depth) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!same(left.get(i), right.get(i), budget, depth + 1)) {
                return false;
            }
        }
        return true;
    }

    /** Equality inside containers, where a value always equals itself. */
    private static boolean same(Value left, Value right, Budget budget, int depth) {
        return left == right || equal(left, right, budget, depth);
    }

    private static boolean sameEntries(DictValue left, DictValue right, Budget budget, int depth) {
        if (left.size() != right.size()) {
            return false;
        }
        for (var entries = left.entries(); entries.hasNext(); ) {
            var entry = entries.next();
            Value other = right.get(entry.key());
            if (other == null || !same(entry.value(), other, budget, depth + 1)) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameRange(RangeValue left, RangeValue right) {
        int length = left.length();
        return length == right.length()
                && (length == 0 || left.start() == right.start())
                && (length <= 1 || left.step() == right.step());
    }

    private static boolean sameView(DictView left, DictView right, Budget budget, int depth) {
        if (left.part() == DictView.Part.VALUES || right.part() != left.part()) {
            return left == right;
        }
        if (left.part() == DictView.Part.ITEMS) {
            return sameEntries(left.dict(), right.dict(), budget, depth);
        }
        boolean same = left.dict().size() == right.dict().size();
        for (var entries = left.dict().entries(); same && entries.hasNext(); ) {
            same = right.dict().contains(entries.next().key());
        }
        return same;
    }

    /** Whether the left value comes before the right one; what cannot be ordered is a type fault. */
    static boolean less(Value left, Value right, Budget budget) {
        return ordered(Operator.LESS, left, right, budget, 0);
    }

    private static boolean ordered(Operator operator, Value left, Value right, Budget budget, int depth) {
        budget.nesting(depth);
        if (left instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return holds(operator, Numbers.compare(left, right));
        }
        if (left instanceof StringValue a && right instanceof StringValue b) {
            budget.work(Math.min(a.text().length(), b.text().length()));
            return holds(operator, comparePoints(a.text(), b.text()));
        }
        if (left instanceof ListValue a && right instanceof ListValue b) {
            return ordered(operator, a.items(), b.items(), budget, depth);
        }
        if (left instanceof TupleValue a && right instanceof TupleValue b) {
            return ordered(operator, a.items(), b.items(), budget, depth);
        }
        throw JinjaException.type("'" + operator.sign + "' not supported between instances of '" + left.typeName()
                + "' and '" + right.typeName() + "'");
    }

    private static boolean ordered(Operator operator, List<Value> left, List<Value> right, Budget budget, int depth) {
        int common = Math.min(left.size(), right.size());
        for (int i = 0; i < common; i++) {
            if (!same(left.get(i), right.get(i), budget, depth + 1)) {
                return ordered(operator, left.get(i), right.get(i), budget, depth + 1);
            }
        }
        return holds(operator, Integer.compare(left.size(), right.size()));
    }

    private static boolean holds(Operator operator, @Nullable Integer order) {
        if (order == null) {
            return false;
        }
        return switch (operator) {
            case LESS -> order < 0;
            case LESS_OR_EQUAL -> order <= 0;
            case GREATER -> order > 0;
            case GREATER_OR_EQUAL -> order >= 0;
            case EQUAL -> order == 0;
            case NOT_EQUAL -> order != 0;
            case IN, NOT_IN -> throw new IllegalArgumentException("operator: expected an order, got " + operator);
        };
    }

    /** The order by code points; Java's own order goes by UTF-16 units. */
    static int comparePoints(String left, String right) {
        int common = Math.min(left.length(), right.length());
        for (int i = 0; i < common; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                boolean surrogates = Character.isSurrogate(a) != Character.isSurrogate(b);
                return surrogates ? (Character.isSurrogate(a) ? 1 : -1) : Character.compare(a, b);
            }
        }
        return Integer.compare(left.length(), right.length());
    }

    static boolean contains(Value container, Value item, Budget budget) {
        return switch (container) {
            case StringValue string -> {
                if (!(item instanceof StringValue part)) {
                    throw JinjaException.type("'in <string>' requires string as left operand, not " + item.typeName());
                }
                budget.work(string.text().length());
                yield string.text().contains(part.text());
            }
            case DictValue dict -> dict.contains(item);
            case DictView view
            when view.part() == DictView.Part.KEYS -> view.dict().contains(item);
            default -> {
                Iterator<Value> items = Iteration.over(container, budget);
                if (items == null) {
                    throw JinjaException.type("argument of type '" + container.typeName() + "' is not iterable");
                }
                boolean found = false;
                while (!found && items.hasNext()) {
                    found = same(items.next(), item, budget, 0);
                }
                yield found;
            }
        };
    }
}
