package studio.atelier.engine.chat.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.chat.jinja.Statement.Parameter;
import studio.atelier.engine.chat.jinja.Statement.Signature;

/** A macro, or the body of a call block: rendered anew with every call, in the scope where it was written. */
final class MacroValue implements Callable {
    private final @Nullable String name;
    private final Signature signature;
    private final Scope around;
    private final Interpreter interpreter;

    /** @param name null for the body of a call block */
    MacroValue(@Nullable String name, Signature signature, Scope around, Interpreter interpreter) {
        this.name = name;
        this.signature = signature;
        this.around = around;
        this.interpreter = interpreter;
    }

    String described() {
        return name == null ? "anonymous" : Texts.quoted(name);
    }

    @Nullable
    Value attribute(String attribute) {
        return switch (attribute) {
            case "name" -> name == null ? NoneValue.NONE : StringValue.of(name);
            case "arguments" ->
                TupleValue.of(signature.parameters().stream()
                        .map(parameter -> (Value) StringValue.of(parameter.name()))
                        .toList());
            case "caller" -> BooleanValue.of(signature.takesCaller());
            case "catch_kwargs" -> BooleanValue.of(signature.takesNamed());
            case "catch_varargs" -> BooleanValue.of(signature.takesRest());
            default -> null;
        };
    }

    @Override
    public Value call(Arguments arguments, Rendering rendering) {
        List<Parameter> parameters = signature.parameters();
        List<Value> positional = arguments.positional();
        var named = new LinkedHashMap<>(arguments.named());
        Scope scope = around.inner();
        boolean ownCaller = false;
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            Value value = i < positional.size() ? positional.get(i) : named.remove(parameter.name());
            ownCaller |= parameter.name().equals("caller");
            scope.set(parameter.name(), value == null ? otherwise(parameter, scope) : value);
        }
        if (signature.takesCaller() && !ownCaller) {
            Value caller = named.remove("caller");
            scope.set("caller", caller == null ? Undefined.because("No caller defined") : caller);
        }
        takeNamed(named, scope);
        takeRest(positional, scope);
        return interpreter.capture(signature.body(), scope);
    }

    private Value otherwise(Parameter parameter, Scope scope) {
        Expression otherwise = parameter.otherwise();
        return otherwise == null
                ? Undefined.because("parameter " + Texts.quoted(parameter.name()) + " was not provided")
                : interpreter.evaluator().evaluate(otherwise, scope);
    }

    private void takeNamed(LinkedHashMap<String, Value> named, Scope scope) {
        if (signature.takesNamed()) {
            var dict = new DictValue();
            named.forEach(dict::put);
            scope.set("kwargs", dict);
        } else if (named.containsKey("caller")) {
            throw JinjaException.type("macro " + described() + " was invoked with two values for the special caller"
                    + " argument. This is most likely a bug.");
        } else if (!named.isEmpty()) {
            throw JinjaException.type("macro " + described() + " takes no keyword argument "
                    + Texts.quoted(named.firstEntry().getKey()));
        }
    }

    private void takeRest(List<Value> positional, Scope scope) {
        int count = signature.parameters().size();
        if (signature.takesRest()) {
            scope.set(
                    "varargs",
                    TupleValue.of(positional.subList(Math.min(count, positional.size()), positional.size())));
        } else if (positional.size() > count) {
            throw JinjaException.type("macro " + described() + " takes not more than " + count + " argument(s)");
        }
    }

    @Override
    public String typeName() {
        return "Macro";
    }

    @Override
    public String qualifiedTypeName() {
        return "jinja2.runtime.Macro";
    }
}
