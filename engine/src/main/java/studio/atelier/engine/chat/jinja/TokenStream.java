package studio.atelier.engine.chat.jinja;

import java.util.List;
import studio.atelier.engine.chat.jinja.Token.Kind;

/** The tokens of a template, looked at one by one. */
final class TokenStream {
    private final List<Token> tokens;
    private int position;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(position);
    }

    /** The token after the current one. */
    Token ahead() {
        return tokens.get(Math.min(position + 1, tokens.size() - 1));
    }

    /** The current token, moving on to the next. */
    Token take() {
        Token token = current();
        if (position < tokens.size() - 1) {
            position++;
        }
        return token;
    }

    boolean is(Kind kind) {
        return current().kind() == kind;
    }

    boolean isName(String name) {
        return current().isName(name);
    }

    boolean isOperator(String sign) {
        return current().isOperator(sign);
    }

    boolean takeName(String name) {
        boolean found = isName(name);
        if (found) {
            take();
        }
        return found;
    }

    boolean takeOperator(String sign) {
        boolean found = isOperator(sign);
        if (found) {
            take();
        }
        return found;
    }

    Token expect(Kind kind) {
        if (!is(kind)) {
            throw unexpected(kind.described());
        }
        return take();
    }

    void expectOperator(String sign) {
        if (!takeOperator(sign)) {
            throw unexpected(sign);
        }
    }

    void expectName(String name) {
        if (!takeName(name)) {
            throw unexpected(name);
        }
    }

    private JinjaException unexpected(String expected) {
        return is(Kind.END)
                ? fail("unexpected end of template, expected '" + expected + "'.")
                : fail("expected token '" + expected + "', got '" + current().described() + "'");
    }

    JinjaException fail(String message) {
        return JinjaException.syntax(message, current().line());
    }
}
