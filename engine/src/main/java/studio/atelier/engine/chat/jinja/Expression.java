package studio.atelier.engine.chat.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What has a value. */
sealed interface Expression {
    record Literal(Value value) implements Expression {}

    record Name(String name) implements Expression {}

    record ListOf(List<Expression> items) implements Expression {}

    record TupleOf(List<Expression> items) implements Expression {}

    record DictOf(List<Pair> pairs) implements Expression {}

    record Pair(Expression key, Expression value) {}

    /** {@code then if test else otherwise}. */
    record Conditional(
            Expression test, Expression then, @Nullable Expression otherwise, int line) implements Expression {}

    record And(Expression left, Expression right) implements Expression {}

    record Or(Expression left, Expression right) implements Expression {}

    record Not(Expression operand) implements Expression {}

    /** {@code a < b < c}: each link is asked only while all before it hold. */
    record Compare(Expression first, List<Link> links) implements Expression {}

    record Link(Comparison.Operator operator, Expression operand) {}

    record Binary(Arithmetic.Operator operator, Expression left, Expression right) implements Expression {}

    /** {@code a ~ b ~ c}. */
    record Concatenation(List<Expression> parts) implements Expression {}

    record Negate(Expression operand) implements Expression {}

    record Plus(Expression operand) implements Expression {}

    record Attribute(Expression owner, String name) implements Expression {}

    record Item(Expression owner, Expression key) implements Expression {}

    record Slice(
            Expression owner,
            @Nullable Expression start,
            @Nullable Expression stop,
            @Nullable Expression step) implements Expression {}

    record Call(Expression function, Passed passed) implements Expression {}

    /** @param value null where a block's text goes in */
    record Filtered(@Nullable Expression value, String filter, Passed passed) implements Expression {}

    record Tested(Expression value, String test, Passed passed) implements Expression {}

    /**
     * What a call passes.
     *
     * @param list the {@code *list}
     * @param dict the {@code **dict}
     */
    record Passed(
            List<Expression> positional,
            List<Named> named,
            @Nullable Expression list,
            @Nullable Expression dict) {
        static final Passed NOTHING = new Passed(List.of(), List.of(), null, null);
    }

    record Named(String name, Expression value) {}
}
