package studio.atelier.engine.chat.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.chat.jinja.Expression.Link;
import studio.atelier.engine.chat.jinja.Expression.Named;
import studio.atelier.engine.chat.jinja.Expression.Pair;
import studio.atelier.engine.chat.jinja.Expression.Passed;
import studio.atelier.engine.chat.jinja.Token.Kind;

/** Reads expressions, from the loosest binding ({@code x if y else z}) to the tightest. */
final class ExpressionParser {
    /** Brackets and operators inside each other. */
    private static final int MAX_NESTING = 200;

    private final TokenStream tokens;
    private Set<String> names = new HashSet<>();
    private int nesting;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
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

    /** An expression or, with commas, a tuple without parentheses. */
    Expression tuple(boolean conditional, Predicate<Token> end) {
        return tuple(conditional, false, end);
    }

    private Expression tuple(boolean conditional, boolean parenthesized, Predicate<Token> end) {
        var items = new ArrayList<Expression>();
        boolean tuple = false;
        while (true) {
            if (!items.isEmpty()) {
                tokens.expectOperator(",");
            }
            if (endsTuple(end)) {
                break;
            }
            items.add(conditional ? expression() : or());
            if (!tokens.isOperator(",")) {
                break;
            }
            tuple = true;
        }
        if (!tuple && items.size() == 1) {
            return items.getFirst();
        }
        if (!tuple && !parenthesized) {
            throw tokens.fail("Expected an expression, got '" + tokens.current().described() + "'");
        }
        return new Expression.TupleOf(items);
    }

    private boolean endsTuple(Predicate<Token> end) {
        return tokens.is(Kind.PRINT_END)
                || tokens.is(Kind.BLOCK_END)
                || tokens.isOperator(")")
                || end.test(tokens.current());
    }

    Expression expression() {
        enter();
        int line = tokens.current().line();
        Expression result = or();
        while (tokens.takeName("if")) {
            Expression test = or();
            Expression otherwise = tokens.takeName("else") ? expression() : null;
            result = new Expression.Conditional(test, result, otherwise, line);
        }
        nesting--;
        return result;
    }

    private void enter() {
        if (++nesting > MAX_NESTING) {
            throw tokens.fail("expressions are nested deeper than " + MAX_NESTING + " levels");
        }
    }

    Expression or() {
        Expression left = and();
        while (tokens.takeName("or")) {
            left = new Expression.Or(left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.takeName("and")) {
            left = new Expression.And(left, not());
        }
        return left;
    }

    private Expression not() {
        if (!tokens.takeName("not")) {
            return comparison();
        }
        enter();
        var result = new Expression.Not(not());
        nesting--;
        return result;
    }

    private Expression comparison() {
        Expression first = sum();
        var links = new ArrayList<Link>();
        for (var operator = comparator(); operator != null; operator = comparator()) {
            links.add(new Link(operator, sum()));
        }
        return links.isEmpty() ? first : new Expression.Compare(first, links);
    }

    private Comparison.@Nullable Operator comparator() {
        if (tokens.isName("not") && tokens.ahead().isName("in")) {
            tokens.take();
            tokens.take();
            return Comparison.Operator.NOT_IN;
        }
        if (tokens.takeName("in")) {
            return Comparison.Operator.IN;
        }
        if (!tokens.is(Kind.OPERATOR)) {
            return null;
        }
        Comparison.Operator operator =
                switch (tokens.current().text()) {
                    case "==" -> Comparison.Operator.EQUAL;
                    case "!=" -> Comparison.Operator.NOT_EQUAL;
                    case "<" -> Comparison.Operator.LESS;
                    case "<=" -> Comparison.Operator.LESS_OR_EQUAL;
                    case ">" -> Comparison.Operator.GREATER;
                    case ">=" -> Comparison.Operator.GREATER_OR_EQUAL;
                    default -> null;
                };
        if (operator != null) {
            tokens.take();
        }
        return operator;
    }

    private Expression sum() {
        Expression left = concatenation();
        while (tokens.isOperator("+") || tokens.isOperator("-")) {
            boolean plus = tokens.take().text().equals("+");
            left = new Expression.Binary(
                    plus ? Arithmetic.Operator.ADD : Arithmetic.Operator.SUBTRACT, left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression first = product();
        if (!tokens.isOperator("~")) {
            return first;
        }
        var parts = new ArrayList<Expression>(List.of(first));
        while (tokens.takeOperator("~")) {
            parts.add(product());
        }
        return new Expression.Concatenation(parts);
    }

    private Expression product() {
        Expression left = power();
        while (true) {
            Arithmetic.Operator operator;
            if (tokens.takeOperator("*")) {
                operator = Arithmetic.Operator.MULTIPLY;
            } else if (tokens.takeOperator("/")) {
                operator = Arithmetic.Operator.DIVIDE;
            } else if (tokens.takeOperator("//")) {
                operator = Arithmetic.Operator.FLOOR_DIVIDE;
            } else if (tokens.takeOperator("%")) {
                operator = Arithmetic.Operator.REMAINDER;
            } else {
                return left;
            }
            left = new Expression.Binary(operator, left, power());
        }
    }

    /** Binds from the left, unlike Python's. */
    private Expression power() {
        Expression left = unary(true);
        while (tokens.takeOperator("**")) {
            left = new Expression.Binary(Arithmetic.Operator.POWER, left, unary(true));
        }
        return left;
    }

    private Expression unary(boolean filters) {
        enter();
        Expression result;
        if (tokens.takeOperator("-")) {
            result = new Expression.Negate(unary(false));
        } else if (tokens.takeOperator("+")) {
            result = new Expression.Plus(unary(false));
        } else {
            result = primary();
        }
        result = postfix(result);
        if (filters) {
            result = filters(result);
        }
        nesting--;
        return result;
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
                    enter();
                    Expression inside = tuple(true, true, each -> false);
                    tokens.expectOperator(")");
                    nesting--;
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
            items.add(expression());
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
            Expression key = expression();
            tokens.expectOperator(":");
            pairs.add(new Pair(key, expression()));
        }
        return pairs;
    }

    private Expression postfix(Expression start) {
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
        Expression start = tokens.isOperator(":") ? null : expression();
        if (tokens.takeOperator(":")) {
            Expression stop = endsSlicePart() ? null : expression();
            Expression step = tokens.takeOperator(":") && !endsSlicePart() ? expression() : null;
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
            keys.add(expression());
        }
        return new Expression.Item(owner, new Expression.TupleOf(keys));
    }

    private boolean endsSlicePart() {
        return tokens.isOperator(":") || tokens.isOperator("]") || tokens.isOperator(",");
    }

    private Expression filters(Expression start) {
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
        enter();
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
                list = expression();
            } else if (tokens.takeOperator("**")) {
                ordered = dict == null;
                dict = expression();
            } else if (tokens.is(Kind.NAME) && tokens.ahead().isOperator("=")) {
                ordered = dict == null;
                String name = tokens.take().text();
                tokens.take();
                named.add(new Named(name, expression()));
            } else {
                ordered = list == null && dict == null && named.isEmpty();
                positional.add(expression());
            }
            if (!ordered) {
                throw JinjaException.syntax("invalid syntax for function call expression", line);
            }
        }
        tokens.expectOperator(")");
        nesting--;
        return new Passed(positional, named, list, dict);
    }
}
