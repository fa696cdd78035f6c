package studio.atelier.engine.chat.jinja;

import org.jspecify.annotations.Nullable;

/** Which values count as true, and how long those are that have a length. */
final class Truth {
    private Truth() {}

    static boolean of(Value value) {
        return switch (value) {
            case NoneValue none -> false;
            case BooleanValue truth -> truth.truth();
            case IntegerValue integer -> integer.number().signum() != 0;
            case FloatValue number -> number.number() != 0;
            case StringValue string -> !string.text().isEmpty();
            case ListValue list -> !list.items().isEmpty();
            case TupleValue tuple -> !tuple.items().isEmpty();
            case DictValue dict -> dict.size() > 0;
            case DictView view -> view.dict().size() > 0;
            case RangeValue range -> range.length() > 0;
            case Undefined undefined -> false;
            case LoopValue loop -> loop.length() > 0;
            case GeneratorValue generator -> true;
            case NamespaceValue namespace -> true;
            case CyclerValue cycler -> true;
            case Function function -> true;
            case MacroValue macro -> true;
        };
    }

    /** The length, null for what has none. */
    static @Nullable Integer length(Value value) {
        return switch (value) {
            case StringValue string -> string.length();
            case ListValue list -> list.items().size();
            case TupleValue tuple -> tuple.items().size();
            case DictValue dict -> dict.size();
            case DictView view -> view.dict().size();
            case RangeValue range -> range.length();
            case Undefined undefined -> 0;
            case LoopValue loop -> loop.length();
            case NoneValue none -> null;
            case BooleanValue truth -> null;
            case IntegerValue integer -> null;
            case FloatValue number -> null;
            case GeneratorValue generator -> null;
            case NamespaceValue namespace -> null;
            case CyclerValue cycler -> null;
            case Function function -> null;
            case MacroValue macro -> null;
        };
    }
}
