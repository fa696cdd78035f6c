package studio.atelier.engine.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.chat.jinja.Expression.Link;
import studio.atelier.engine.chat.jinja.Token.Kind;

/** Reads expressions, from the loosest binding ({@code x if y else z}) to the tightest. */
final class ExpressionParser {
    /** Brackets and operators inside each other. */
    private static final int MAX_NESTING = 200;

    private final TokenStream tokens;
    private final OperandParser operands;
    private int nesting;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
        this.operands = new OperandParser(tokens, this);
    }

    /** The parser of what operators stand between. */
    OperandParser operands() {
        return operands;
    }

    /** An expression or, with commas, a tuple without parentheses. */
    Expression tuple(boolean conditional, Predicate<Token> end) {
        return tuple(conditional, false, end);
    }

    /** @param parenthesized whether it stands in parentheses, where it may be empty */
    Expression tuple(boolean conditional, boolean parenthesized, Predicate<Token> end) {
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
        leave();
        return result;
    }

    /** Goes one level deeper; {@link #leave} must follow. */
    void enter() {
        if (++nesting > MAX_NESTING) {
            throw tokens.fail("expressions are nested deeper than " + MAX_NESTING + " levels");
        }
    }

    void leave() {
        nesting--;
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
        leave();
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
            result = operands.primary();
        }
        result = operands.postfix(result);
        if (filters) {
            result = operands.filters(result);
        }
        leave();
        return result;
    }
}
