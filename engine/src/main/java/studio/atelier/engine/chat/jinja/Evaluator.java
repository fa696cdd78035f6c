package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.chat.jinja.Expression.Link;
import studio.atelier.engine.chat.jinja.Expression.Passed;

/** Gives expressions their values. */
final class Evaluator {
    private final Rendering rendering;
    private final Budget budget;

    Evaluator(Rendering rendering) {
        this.rendering = rendering;
        this.budget = rendering.budget();
    }

    Value evaluate(Expression expression, Scope scope) {
        budget.enter();
        Value value =
                switch (expression) {
                    case Expression.Literal literal -> literal.value();
                    case Expression.Name name -> name(name.name(), scope);
                    case Expression.ListOf list -> new ListValue(all(list.items(), scope));
                    case Expression.TupleOf tuple -> TupleValue.of(all(tuple.items(), scope));
                    case Expression.DictOf dict -> dict(dict, scope);
                    case Expression.Conditional conditional -> conditional(conditional, scope);
                    case Expression.And and -> and(and, scope);
                    case Expression.Or or -> or(or, scope);
                    case Expression.Not not -> BooleanValue.of(!Truth.of(evaluate(not.operand(), scope)));
                    case Expression.Compare compare -> compare(compare, scope);
                    case Expression.Binary binary ->
                        Arithmetic.apply(
                                binary.operator(),
                                evaluate(binary.left(), scope),
                                evaluate(binary.right(), scope),
                                budget);
                    case Expression.Concatenation concatenation -> concatenation(concatenation, scope);
                    case Expression.Negate negate -> Arithmetic.negate(evaluate(negate.operand(), scope));
                    case Expression.Plus plus -> Arithmetic.plus(evaluate(plus.operand(), scope));
                    case Expression.Attribute attribute ->
                        Subscripts.attribute(evaluate(attribute.owner(), scope), attribute.name());
                    case Expression.Item item ->
                        Subscripts.item(evaluate(item.owner(), scope), evaluate(item.key(), scope), budget);
                    case Expression.Slice slice -> slice(slice, scope);
                    case Expression.Call call -> call(call, Arguments.NONE, scope);
                    case Expression.Filtered filtered -> filtered(filtered, scope);
                    case Expression.Tested tested -> tested(tested, scope);
                };
        budget.leave();
        return value;
    }

    private static Value name(String name, Scope scope) {
        Value value = scope.find(name);
        return value == null ? Undefined.name(name) : value;
    }

    private ArrayList<Value> all(List<Expression> expressions, Scope scope) {
        budget.make(expressions.size());
        var values = new ArrayList<Value>(expressions.size());
        for (Expression expression : expressions) {
            values.add(evaluate(expression, scope));
        }
        return values;
    }

    private Value dict(Expression.DictOf literal, Scope scope) {
        budget.make(literal.pairs().size());
        var dict = new DictValue();
        for (var pair : literal.pairs()) {
            dict.put(evaluate(pair.key(), scope), evaluate(pair.value(), scope));
        }
        return dict;
    }

    private Value conditional(Expression.Conditional conditional, Scope scope) {
        if (Truth.of(evaluate(conditional.test(), scope))) {
            return evaluate(conditional.then(), scope);
        }
        Expression otherwise = conditional.otherwise();
        return otherwise == null
                ? Undefined.because("the inline if-expression on line " + conditional.line()
                        + " evaluated to false and no else section was defined.")
                : evaluate(otherwise, scope);
    }

    private Value and(Expression.And and, Scope scope) {
        Value left = evaluate(and.left(), scope);
        return Truth.of(left) ? evaluate(and.right(), scope) : left;
    }

    private Value or(Expression.Or or, Scope scope) {
        Value left = evaluate(or.left(), scope);
        return Truth.of(left) ? left : evaluate(or.right(), scope);
    }

    private Value compare(Expression.Compare compare, Scope scope) {
        Value left = evaluate(compare.first(), scope);
        for (Link link : compare.links()) {
            Value right = evaluate(link.operand(), scope);
            if (!Comparison.holds(link.operator(), left, right, budget)) {
                return BooleanValue.FALSE;
            }
            left = right;
        }
        return BooleanValue.TRUE;
    }

    private Value concatenation(Expression.Concatenation concatenation, Scope scope) {
        List<Value> parts = all(concatenation.parts(), scope);
        boolean markup = rendering.autoescape()
                && parts.stream().anyMatch(part -> part instanceof StringValue string && string.markup());
        var text = new StringBuilder();
        for (Value part : parts) {
            budget.output(text, markup ? Html.escape(part, budget) : rendering.str(part));
        }
        return new StringValue(text.toString(), markup);
    }

    private Value slice(Expression.Slice slice, Scope scope) {
        return Subscripts.slice(
                evaluate(slice.owner(), scope),
                optional(slice.start(), scope),
                optional(slice.stop(), scope),
                optional(slice.step(), scope),
                budget);
    }

    private @Nullable Value optional(@Nullable Expression expression, Scope scope) {
        return expression == null ? null : evaluate(expression, scope);
    }

    /**
     * Calls a function.
     *
     * @param more named arguments that come on top of what the call itself passes
     */
    Value call(Expression.Call call, Arguments more, Scope scope) {
        Value function = evaluate(call.function(), scope);
        Arguments arguments = arguments(call.passed(), more, scope);
        return switch (function) {
            case Callable callable -> callable.call(arguments, rendering);
            case Undefined undefined -> throw undefined.failure();
            default -> throw JinjaException.type("'" + function.typeName() + "' object is not callable");
        };
    }

    private Arguments arguments(Passed passed, Arguments more, Scope scope) {
        var positional = all(passed.positional(), scope);
        var named = new LinkedHashMap<String, Value>();
        passed.named().forEach(each -> named.put(each.name(), evaluate(each.value(), scope)));
        named.putAll(more.named());
        if (passed.list() != null) {
            positional.addAll(Iteration.collect(evaluate(passed.list(), scope), budget));
        }
        if (passed.dict() != null) {
            if (!(evaluate(passed.dict(), scope) instanceof DictValue dict)) {
                throw JinjaException.type("argument after ** must be a mapping");
            }
            for (var entries = dict.entries(); entries.hasNext(); ) {
                var entry = entries.next();
                if (!(entry.key() instanceof StringValue name)) {
                    throw JinjaException.type("keywords must be strings");
                }
                if (named.put(name.text(), entry.value()) != null) {
                    throw JinjaException.type("got multiple values for keyword argument " + Texts.quoted(name.text()));
                }
            }
        }
        return new Arguments(positional, named);
    }

    private Value filtered(Expression.Filtered filtered, Scope scope) {
        Expression value = filtered.value();
        if (value == null) {
            throw new IllegalArgumentException("filtered: expected a value, got a block's filter");
        }
        return apply(filtered, evaluate(value, scope), scope);
    }

    /** The text of a block after its filters, innermost first. */
    Value filterBlock(Expression.Filtered filtered, Value text, Scope scope) {
        Value inner = filtered.value() instanceof Expression.Filtered first ? filterBlock(first, text, scope) : text;
        return apply(filtered, inner, scope);
    }

    private Value apply(Expression.Filtered filtered, Value value, Scope scope) {
        return Filters.named(filtered.filter())
                .call(arguments(filtered.passed(), Arguments.NONE, scope).after(value), rendering);
    }

    private Value tested(Expression.Tested tested, Scope scope) {
        Value value = evaluate(tested.value(), scope);
        return Tests.named(tested.test())
                .call(arguments(tested.passed(), Arguments.NONE, scope).after(value), rendering);
    }
}
