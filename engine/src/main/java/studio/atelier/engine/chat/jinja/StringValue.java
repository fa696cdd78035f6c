package studio.atelier.engine.chat.jinja;

/**
 * Python's {@code str}, counted in code points, or markupsafe's {@code Markup}.
 *
 * @param markup whether it counts as safe HTML: what is joined to it is escaped
 */
record StringValue(String text, boolean markup) implements Value {
    static final StringValue EMPTY = new StringValue("", false);

    static StringValue of(String text) {
        return new StringValue(text, false);
    }

    /** Another text of the same kind. */
    StringValue with(String other) {
        return new StringValue(other, markup);
    }

    /** The number of code points. */
    int length() {
        return text.codePointCount(0, text.length());
    }

    @Override
    public String typeName() {
        return markup ? "Markup" : "str";
    }

    @Override
    public String qualifiedTypeName() {
        return markup ? "markupsafe.Markup" : "str";
    }
}
