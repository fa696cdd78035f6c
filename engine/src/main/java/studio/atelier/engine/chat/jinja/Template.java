package studio.atelier.engine.chat.jinja;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** A parsed template. Immutable and safe to use from several threads. */
public final class Template {
    private final List<Statement> statements;

    private Template(List<Statement> statements) {
        this.statements = statements;
    }

    /**
     * Reads a template.
     *
     * @throws JinjaException when it is not valid Jinja
     */
    public static Template parse(String source) {
        try {
            return new Template(Parser.parse(source));
        } catch (StackOverflowError e) {
            throw tooDeep();
        }
    }

    /**
     * Renders the template.
     *
     * @param variables by name; they are copied, so that no template changes them
     * @param clock asked by {@code strftime_now}
     * @throws JinjaException when the template refuses or fails, or wants more than its {@link Budget}
     */
    public String render(Map<String, JsonNode> variables, Clock clock) {
        var rendering = new Rendering(clock);
        try {
            Scope root = Globals.scope().inner();
            variables.forEach((name, node) -> root.set(name, Json.value(node, rendering.budget())));
            return new Interpreter(rendering, root).render(statements);
        } catch (StackOverflowError e) {
            // The depth is bounded, but a thread may have been started with a small stack.
            throw tooDeep();
        }
    }

    private static JinjaException tooDeep() {
        return JinjaException.limit("the template nests deeper than this thread's stack");
    }
}
