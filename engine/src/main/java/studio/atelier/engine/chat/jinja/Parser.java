package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import studio.atelier.engine.chat.jinja.Statement.Branch;
import studio.atelier.engine.chat.jinja.Statement.Parameter;
import studio.atelier.engine.chat.jinja.Statement.Signature;
import studio.atelier.engine.chat.jinja.Statement.Target;
import studio.atelier.engine.chat.jinja.Token.Kind;

/** Reads statements: the tags of a template with what stands between them. */
final class Parser {
    /** Blocks inside blocks. */
    private static final int MAX_NESTING = 100;

    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private final Set<String> blocks = new HashSet<>();
    private int nesting;

    /** Loops around this place inside the current macro. */
    private int loops;

    private Parser(TokenStream tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    static List<Statement> parse(String template) {
        return new Parser(new TokenStream(Lexer.tokens(template))).statements();
    }

    /** Statements up to the end of the template or to one of the tags that end the block; that tag's name comes next. */
    private List<Statement> statements(String... ends) {
        if (++nesting > MAX_NESTING) {
            throw tokens.fail("blocks are nested deeper than " + MAX_NESTING + " levels");
        }
        var statements = new ArrayList<Statement>();
        while (true) {
            switch (tokens.current().kind()) {
                case DATA -> statements.add(new Statement.Text(tokens.take().text()));
                case PRINT_BEGIN -> {
                    tokens.take();
                    statements.add(new Statement.Print(expressions.tuple(true, each -> false)));
                    tokens.expect(Kind.PRINT_END);
                }
                case BLOCK_BEGIN -> {
                    tokens.take();
                    if (List.of(ends).contains(tokens.current().text()) && tokens.is(Kind.NAME)) {
                        nesting--;
                        return statements;
                    }
                    statement(statements);
                    tokens.expect(Kind.BLOCK_END);
                }
                case END -> {
                    if (ends.length > 0) {
                        throw tokens.fail("Unexpected end of template. Jinja was looking for the following tags: '"
                                + String.join("' or '", ends) + "'.");
                    }
                    nesting--;
                    return statements;
                }
                case PRINT_END, BLOCK_END, NAME, STRING, INTEGER, FLOAT, OPERATOR ->
                    throw tokens.fail("unexpected '" + tokens.current().described() + "'");
            }
        }
    }

    /** The body of a block from the end of its first tag; stops at the name of the tag that ends it. */
    private List<Statement> body(String... ends) {
        tokens.takeOperator(":");
        tokens.expect(Kind.BLOCK_END);
        return statements(ends);
    }

    /** A body together with the name of its one end tag. */
    private List<Statement> bodyTo(String end) {
        List<Statement> body = body(end);
        tokens.take();
        return body;
    }

    private void statement(List<Statement> into) {
        if (!tokens.is(Kind.NAME)) {
            throw tokens.fail("tag name expected");
        }
        Token tag = tokens.take();
        switch (tag.text()) {
            case "if" -> into.add(ifStatement());
            case "for" -> into.add(forStatement());
            case "set" -> into.add(set());
            case "macro" -> into.add(macro());
            case "call" -> into.add(callBlock());
            case "filter" -> into.add(filterBlock());
            case "with" -> into.add(with());
            case "print" -> print(into);
            case "break" -> into.add(inLoop(new Statement.Break(), tag));
            case "continue" -> into.add(inLoop(new Statement.Continue(), tag));
            case "generation" -> into.add(new Statement.Generation(outsideLoops(() -> bodyTo("endgeneration"))));
            case "autoescape" -> {
                Expression on = expressions.expression();
                into.add(new Statement.Autoescape(on, bodyTo("endautoescape")));
            }
            case "block" -> into.add(block());
            case "include", "import", "from", "extends" -> {
                while (!tokens.is(Kind.BLOCK_END) && !tokens.is(Kind.END)) {
                    tokens.take();
                }
                into.add(new Statement.Load(tag.text()));
            }
            default -> throw JinjaException.syntax("Encountered unknown tag '" + tag.text() + "'.", tag.line());
        }
    }

    private Statement inLoop(Statement statement, Token tag) {
        if (loops == 0) {
            throw JinjaException.syntax("'" + tag.text() + "' outside loop", tag.line());
        }
        return statement;
    }

    private List<Statement> outsideLoops(Supplier<List<Statement>> body) {
        int around = loops;
        loops = 0;
        List<Statement> statements = body.get();
        loops = around;
        return statements;
    }

    private Statement ifStatement() {
        var branches = new ArrayList<Branch>();
        while (true) {
            Expression test = expressions.tuple(false, each -> false);
            branches.add(new Branch(test, body("elif", "else", "endif")));
            String next = tokens.take().text();
            if (next.equals("else")) {
                return new Statement.If(branches, bodyTo("endif"));
            }
            if (next.equals("endif")) {
                return new Statement.If(branches, List.of());
            }
        }
    }

    private Statement forStatement() {
        Target target = target(true, "in");
        rejectLoopName(target);
        tokens.expectName("in");
        Expression items = expressions.tuple(false, each -> each.isName("recursive"));
        Expression test = tokens.takeName("if") ? expressions.expression() : null;
        boolean recursive = tokens.takeName("recursive");
        loops++;
        List<Statement> body = body("endfor", "else");
        loops--;
        List<Statement> otherwise = tokens.take().text().equals("else") ? bodyTo("endfor") : List.of();
        return new Statement.For(target, items, test, recursive, body, otherwise);
    }

    private void rejectLoopName(Target target) {
        switch (target) {
            case Statement.Variable variable -> {
                if (variable.name().equals("loop")) {
                    throw tokens.fail("Can't assign to special loop variable in for-loop target");
                }
            }
            case Statement.Unpacked unpacked -> unpacked.targets().forEach(this::rejectLoopName);
            case Statement.Member member -> throw tokens.fail("can't assign to 'nsref'");
        }
    }

    private Statement set() {
        Target target = target(true, "");
        if (tokens.takeOperator("=")) {
            return new Statement.Set(target, expressions.tuple(true, each -> false));
        }
        Expression.Filtered filter = null;
        while (tokens.takeOperator("|")) {
            filter = expressions.operands().filter(filter);
        }
        return new Statement.SetBlock(target, filter, bodyTo("endset"));
    }

    /** One or several targets; several end before the name that is given. */
    private Target target(boolean several, String end) {
        if (!several) {
            return oneTarget();
        }
        var targets = new ArrayList<Target>();
        boolean tuple = false;
        while (true) {
            if (tokens.is(Kind.BLOCK_END) || tokens.isOperator(")") || tokens.isName(end)) {
                break;
            }
            targets.add(oneTarget());
            if (!tokens.takeOperator(",")) {
                break;
            }
            tuple = true;
        }
        if (targets.isEmpty()) {
            throw tokens.fail("Expected an expression, got '" + tokens.current().described() + "'");
        }
        return tuple ? new Statement.Unpacked(targets) : targets.getFirst();
    }

    private Target oneTarget() {
        if (tokens.takeOperator("(")) {
            if (++nesting > MAX_NESTING) {
                throw tokens.fail("targets are nested deeper than " + MAX_NESTING + " levels");
            }
            Target inside = target(true, "");
            tokens.expectOperator(")");
            nesting--;
            return inside;
        }
        String name = name();
        if (tokens.takeOperator(".")) {
            return new Statement.Member(name, tokens.expect(Kind.NAME).text());
        }
        return new Statement.Variable(name);
    }

    private String name() {
        Token token = tokens.expect(Kind.NAME);
        if (List.of("true", "false", "none", "True", "False", "None").contains(token.text())) {
            throw JinjaException.syntax("can't assign to 'const'", token.line());
        }
        return token.text();
    }

    private Statement macro() {
        String name = name();
        return new Statement.Macro(name, signature(parameters(), "endmacro"));
    }

    private List<Parameter> parameters() {
        var parameters = new ArrayList<Parameter>();
        boolean optional = false;
        tokens.expectOperator("(");
        while (!tokens.isOperator(")")) {
            if (!parameters.isEmpty()) {
                tokens.expectOperator(",");
            }
            String name = name();
            Expression otherwise = tokens.takeOperator("=") ? expressions.expression() : null;
            if (optional && otherwise == null) {
                throw tokens.fail("non-default argument follows default argument");
            }
            optional = otherwise != null;
            parameters.add(new Parameter(name, otherwise));
        }
        tokens.take();
        return parameters;
    }

    private Signature signature(List<Parameter> parameters, String end) {
        Set<String> around = expressions.operands().collectNames();
        List<Statement> body = outsideLoops(() -> bodyTo(end));
        Set<String> names = expressions.operands().collectedNames(around);
        for (var parameter : parameters) {
            if (parameter.name().equals("caller") && parameter.otherwise() == null) {
                throw tokens.fail("When defining macros or call blocks the special \"caller\" argument must be omitted"
                        + " or be given a default.");
            }
            names.remove(parameter.name());
        }
        return new Signature(
                parameters, body, names.contains("caller"), names.contains("kwargs"), names.contains("varargs"));
    }

    private Statement callBlock() {
        List<Parameter> parameters = tokens.isOperator("(") ? parameters() : List.of();
        if (!(expressions.expression() instanceof Expression.Call call)) {
            throw tokens.fail("expected call");
        }
        return new Statement.CallBlock(call, signature(parameters, "endcall"));
    }

    private Statement filterBlock() {
        Expression.Filtered filter = expressions.operands().filter(null);
        while (tokens.takeOperator("|")) {
            filter = expressions.operands().filter(filter);
        }
        return new Statement.FilterBlock(filter, bodyTo("endfilter"));
    }

    private Statement with() {
        var targets = new ArrayList<Target>();
        var values = new ArrayList<Expression>();
        while (!tokens.is(Kind.BLOCK_END)) {
            if (!targets.isEmpty()) {
                tokens.expectOperator(",");
            }
            targets.add(target(false, ""));
            tokens.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Statement.With(targets, values, bodyTo("endwith"));
    }

    private void print(List<Statement> into) {
        boolean first = true;
        while (!tokens.is(Kind.BLOCK_END)) {
            if (!first) {
                tokens.expectOperator(",");
            }
            first = false;
            into.add(new Statement.Print(expressions.expression()));
        }
    }

    private Statement block() {
        Token name = tokens.expect(Kind.NAME);
        tokens.takeName("scoped");
        tokens.takeName("required");
        if (!blocks.add(name.text())) {
            throw JinjaException.syntax("block '" + name.text() + "' defined twice", name.line());
        }
        List<Statement> body = outsideLoops(() -> bodyTo("endblock"));
        tokens.takeName(name.text());
        return new Statement.Block(name.text(), body);
    }
}
