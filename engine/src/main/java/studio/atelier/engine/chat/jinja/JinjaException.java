package studio.atelier.engine.chat.jinja;

/** A template that cannot be read or does not render; the message is what Python and Jinja2 say where they say it. */
public final class JinjaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What went wrong, by the names of Python's and Jinja's exceptions where they have one. */
    public enum Fault {
        /** The template called {@code raise_exception}. */
        RAISED,
        SYNTAX,
        TYPE,
        VALUE,
        LOOKUP,
        ARITHMETIC,
        UNDEFINED,
        SECURITY,
        RUNTIME,
        /** Atelier's own bounds. */
        LIMIT
    }

    private final Fault fault;
    private final int line;

    JinjaException(Fault fault, String message) {
        this(fault, message, 0);
    }

    JinjaException(Fault fault, String message, int line) {
        super(message);
        this.fault = fault;
        this.line = line;
    }

    static JinjaException type(String message) {
        return new JinjaException(Fault.TYPE, message);
    }

    static JinjaException value(String message) {
        return new JinjaException(Fault.VALUE, message);
    }

    static JinjaException runtime(String message) {
        return new JinjaException(Fault.RUNTIME, message);
    }

    static JinjaException limit(String message) {
        return new JinjaException(Fault.LIMIT, message);
    }

    static JinjaException syntax(String message, int line) {
        return new JinjaException(Fault.SYNTAX, message, line);
    }

    public Fault fault() {
        return fault;
    }

    /** The template's line of a syntax error, counted from 1; 0 when unknown. */
    public int line() {
        return line;
    }
}
