package studio.atelier.engine.chat.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a template does. */
sealed interface Statement {
    record Text(String text) implements Statement {}

    record Print(Expression value) implements Statement {}

    record Set(Target target, Expression value) implements Statement {}

    /** @param filter what the block's text goes through, if anything */
    record SetBlock(Target target, Expression.@Nullable Filtered filter, List<Statement> body) implements Statement {}

    record If(List<Branch> branches, List<Statement> otherwise) implements Statement {}

    record Branch(Expression test, List<Statement> body) {}

    record For(
            Target target,
            Expression items,
            @Nullable Expression test,
            boolean recursive,
            List<Statement> body,
            List<Statement> otherwise)
            implements Statement {}

    record Break() implements Statement {}

    record Continue() implements Statement {}

    record Macro(String name, Signature signature) implements Statement {}

    /** {@code call(parameters) macro(...)}: the body becomes the macro's {@code caller}. */
    record CallBlock(Expression.Call call, Signature caller) implements Statement {}

    record FilterBlock(Expression.Filtered filter, List<Statement> body) implements Statement {}

    record With(List<Target> targets, List<Expression> values, List<Statement> body) implements Statement {}

    record Autoescape(Expression on, List<Statement> body) implements Statement {}

    /** A named block: rendered where it stands, seeing only what the whole template sees. */
    record Block(String name, List<Statement> body) implements Statement {}

    /** What transformers marks as the assistant's part. */
    record Generation(List<Statement> body) implements Statement {}

    /** A tag that needs other templates, which a chat template never has. */
    record Load(String tag) implements Statement {}

    /**
     * What a macro takes and does.
     *
     * @param takesCaller whether the body speaks of {@code caller}
     * @param takesNamed whether it speaks of {@code kwargs}
     * @param takesRest whether it speaks of {@code varargs}
     */
    record Signature(
            List<Parameter> parameters,
            List<Statement> body,
            boolean takesCaller,
            boolean takesNamed,
            boolean takesRest) {}

    record Parameter(String name, @Nullable Expression otherwise) {}

    /** What a value is assigned to. */
    sealed interface Target {}

    record Variable(String name) implements Target {}

    record Member(String namespace, String attribute) implements Target {}

    record Unpacked(List<Target> targets) implements Target {}
}
