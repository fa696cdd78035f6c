package studio.atelier.engine.chat.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.chat.jinja.Expression.Named;
import studio.atelier.engine.chat.jinja.Expression.Pair;
import studio.atelier.engine.chat.jinja.Expression.Passed;
import studio.atelier.engine.chat.jinja.Token.Kind;

/** Reads what operators stand between: names, literals, brackets, with their members, calls, filters and tests. */
final class OperandParser {
    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private Set<String> names = new HashSet<>();

    OperandParser(TokenStream tokens, ExpressionParser expressions) {
        this.tokens = tokens;
        this.expressions = expressions;
    }

    /** Begins to collect the names that are read from here on; gives what was collected before. */
    Set<String> collectNames() {
        Set<String> before = names;
        names = new HashSet<>();
        return before;
    }

    /** Ends what {@link #collectNames} began and gives the names that were read in between. */
    Set<String> collectedNames(Set<String> before) {
        Set<String> collected = names;
        names = before;
        names.addAll(collected);
        return collected;
    }

    /** A name, a literal, or something in brackets. */
    Expression primary() {
        Token token = tokens.current();
        switch (token.kind()) {
            case NAME -> {
                tokens.take();
                return name(token.text());
            }
            case STRING -> {
                var text = new StringBuilder();
                while (tokens.is(Kind.STRING)) {
                    text.append(tokens.take().text());
                }
                return new Expression.Literal(StringValue.of(text.toString()));
            }
            case INTEGER -> {
                tokens.take();
                return new Expression.Literal(integer(token));
            }
            case FLOAT -> {
                tokens.take();
                return new Expression.Literal(new FloatValue(Double.parseDouble(token.text())));
            }
            case OPERATOR -> {
                if (tokens.takeOperator("(")) {
                    expressions.enter();
                    Expression inside = expressions.tuple(true, true, each -> false);
                    tokens.expectOperator(")");
                    expressions.leave();
                    return inside;
                }
                if (tokens.takeOperator("[")) {
                    return new Expression.ListOf(list());
                }
                if (tokens.takeOperator("{")) {
                    return new Expression.DictOf(dict());
                }
            }
            case DATA, PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END, END -> {}
        }
        throw tokens.fail("unexpected '" + token.described() + "'");
    }

    private Expression name(String name) {
        return switch (name) {
            case "true", "True" -> new Expression.Literal(BooleanValue.TRUE);
            case "false", "False" -> new Expression.Literal(BooleanValue.FALSE);
            case "none", "None" -> new Expression.Literal(NoneValue.NONE);
            default -> {
                names.add(name);
                yield new Expression.Name(name);
            }
        };
    }

    private IntegerValue integer(Token token) {
        BigInteger number = Numbers.parseInteger(token.text(), 0);
        if (number == null) {
            throw tokens.fail("invalid number " + token.text());
        }
        return new IntegerValue(number);
    }

    private List<Expression> list() {
        var items = new ArrayList<Expression>();
        while (!tokens.takeOperator("]")) {
            if (!items.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.takeOperator("]")) {
                    break;
                }
            }
            items.add(expressions.expression());
        }
        return items;
    }

    private List<Pair> dict() {
        var pairs = new ArrayList<Pair>();
        while (!tokens.takeOperator("}")) {
            if (!pairs.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.takeOperator("}")) {
                    break;
                }
            }
            Expression key = expressions.expression();
            tokens.expectOperator(":");
            pairs.add(new Pair(key, expressions.expression()));
        }
        return pairs;
    }

    /** What follows an operand at once: members, subscripts, calls. */
    Expression postfix(Expression start) {
        Expression result = start;
        while (true) {
            if (tokens.takeOperator(".")) {
                result = member(result);
            } else if (tokens.takeOperator("[")) {
                result = subscript(result);
            } else if (tokens.isOperator("(")) {
                result = new Expression.Call(result, passed());
            } else {
                return result;
            }
        }
    }

    private Expression member(Expression owner) {
        Token token = tokens.take();
        return switch (token.kind()) {
            case NAME -> new Expression.Attribute(owner, token.text());
            case INTEGER -> new Expression.Item(owner, new Expression.Literal(integer(token)));
            default -> throw JinjaException.syntax("expected name or number", token.line());
        };
    }

    private Expression subscript(Expression owner) {
        Expression start = tokens.isOperator(":") ? null : expressions.expression();
        if (tokens.takeOperator(":")) {
            Expression stop = endsSlicePart() ? null : expressions.expression();
            Expression step = tokens.takeOperator(":") && !endsSlicePart() ? expressions.expression() : null;
            tokens.expectOperator("]");
            return new Expression.Slice(owner, start, stop, step);
        }
        if (start == null) {
            throw tokens.fail("expected subscript expression");
        }
        if (tokens.takeOperator("]")) {
            return new Expression.Item(owner, start);
        }
        var keys = new ArrayList<Expression>(List.of(start));
        while (!tokens.takeOperator("]")) {
            tokens.expectOperator(",");
            keys.add(expressions.expression());
        }
        return new Expression.Item(owner, new Expression.TupleOf(keys));
    }

    private boolean endsSlicePart() {
        return tokens.isOperator(":") || tokens.isOperator("]") || tokens.isOperator(",");
    }

    /** Filters, tests and calls behind them. */
    Expression filters(Expression start) {
        Expression result = start;
        while (true) {
            if (tokens.takeOperator("|")) {
                result = filter(result);
            } else if (tokens.takeName("is")) {
                result = test(result);
            } else if (tokens.isOperator("(")) {
                result = new Expression.Call(result, passed());
            } else {
                return result;
            }
        }
    }

    /** One filter after its {@code |}. */
    Expression.Filtered filter(@Nullable Expression value) {
        String name = dottedName();
        return new Expression.Filtered(value, name, tokens.isOperator("(") ? passed() : Passed.NOTHING);
    }

    private String dottedName() {
        var name = new StringBuilder(tokens.expect(Kind.NAME).text());
        while (tokens.takeOperator(".")) {
            name.append('.').append(tokens.expect(Kind.NAME).text());
        }
        return name.toString();
    }

    private Expression test(Expression value) {
        boolean negated = tokens.takeName("not");
        String name = dottedName();
        Passed passed = Passed.NOTHING;
        if (tokens.isOperator("(")) {
            passed = passed();
        } else if (startsOperand()) {
            if (tokens.isName("is")) {
                throw tokens.fail("You cannot chain multiple tests with is");
            }
            passed = new Passed(List.of(postfix(primary())), List.of(), null, null);
        }
        var test = new Expression.Tested(value, name, passed);
        return negated ? new Expression.Not(test) : test;
    }

    private boolean startsOperand() {
        return switch (tokens.current().kind()) {
            case NAME -> !tokens.isName("else") && !tokens.isName("or") && !tokens.isName("and");
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> tokens.isOperator("[") || tokens.isOperator("{");
            case DATA, PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END, END -> false;
        };
    }

    /** What stands in the parentheses of a call. */
    private Passed passed() {
        expressions.enter();
        int line = tokens.current().line();
        tokens.expectOperator("(");
        var positional = new ArrayList<Expression>();
        var named = new ArrayList<Named>();
        Expression list = null;
        Expression dict = null;
        boolean first = true;
        while (!tokens.isOperator(")")) {
            if (!first) {
                tokens.expectOperator(",");
                if (tokens.isOperator(")")) {
                    break;
                }
            }
            first = false;
            boolean ordered;
            if (tokens.takeOperator("*")) {
                ordered = list == null && dict == null;
                list = expressions.expression();
            } else if (tokens.takeOperator("**")) {
                ordered = dict == null;
                dict = expressions.expression();
            } else if (tokens.is(Kind.NAME) && tokens.ahead().isOperator("=")) {
                ordered = dict == null;
                String name = tokens.take().text();
                tokens.take();
                named.add(new Named(name, expressions.expression()));
            } else {
                ordered = list == null && dict == null && named.isEmpty();
                positional.add(expressions.expression());
            }
            if (!ordered) {
                throw JinjaException.syntax("invalid syntax for function call expression", line);
            }
        }
        tokens.expectOperator(")");
        expressions.leave();
        return new Passed(positional, named, list, dict);
    }
}
