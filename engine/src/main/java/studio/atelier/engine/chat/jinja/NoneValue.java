package studio.atelier.engine.chat.jinja;

/** Python's {@code None}. */
enum NoneValue implements Value {
    NONE;

    @Override
    public String typeName() {
        return "NoneType";
    }
}
