package studio.atelier.engine.chat.jinja;

/** Python's {@code bool}; counts as 0 or 1 wherever a number is wanted. */
enum BooleanValue implements Value {
    FALSE,
    TRUE;

    static BooleanValue of(boolean truth) {
        return truth ? TRUE : FALSE;
    }

    boolean truth() {
        return this == TRUE;
    }

    @Override
    public String typeName() {
        return "bool";
    }
}
