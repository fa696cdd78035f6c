package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a call passes: positional arguments, then named ones. */
record Arguments(List<Value> positional, Map<String, Value> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    static Arguments of(Value... positional) {
        return new Arguments(List.of(positional), Map.of());
    }

    /** The same call with a value put before the positional arguments. */
    Arguments after(Value first) {
        var all = new ArrayList<Value>(positional.size() + 1);
        all.add(first);
        all.addAll(positional);
        return new Arguments(all, named);
    }

    /** The same call without its first positional arguments. */
    Arguments without(int count) {
        return new Arguments(positional.subList(count, positional.size()), named);
    }

    Arguments without(String name) {
        var rest = new LinkedHashMap<>(named);
        rest.remove(name);
        return new Arguments(positional, rest);
    }

    /**
     * Gives each parameter its argument as Python does.
     *
     * @param function the function's name, for complaints
     * @param parameters the parameters' names; those that may be left out end with {@code ?}
     */
    Bound bind(String function, String... parameters) {
        if (positional.size() > parameters.length) {
            throw JinjaException.type(function + "() takes at most " + parameters.length + " arguments ("
                    + positional.size() + " given)");
        }
        var values = new ArrayList<@Nullable Value>(positional);
        int used = 0;
        for (int i = 0; i < parameters.length; i++) {
            boolean optional = parameters[i].endsWith("?");
            String name = optional ? parameters[i].substring(0, parameters[i].length() - 1) : parameters[i];
            Value value = named.get(name);
            if (value != null) {
                used++;
            }
            if (i < positional.size()) {
                if (value != null) {
                    throw JinjaException.type(function + "() got multiple values for argument " + Texts.quoted(name));
                }
            } else {
                if (value == null && !optional) {
                    throw JinjaException.type(
                            function + "() missing 1 required positional argument: " + Texts.quoted(name));
                }
                values.add(value);
            }
        }
        if (used < named.size()) {
            for (String name : named.keySet()) {
                if (List.of(parameters).stream().noneMatch(each -> each.equals(name) || each.equals(name + "?"))) {
                    throw JinjaException.type(function + "() got an unexpected keyword argument " + Texts.quoted(name));
                }
            }
        }
        return new Bound(function, values);
    }
}
