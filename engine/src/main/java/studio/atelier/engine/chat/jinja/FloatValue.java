package studio.atelier.engine.chat.jinja;

/** Python's {@code float}. */
record FloatValue(double number) implements Value {
    @Override
    public String typeName() {
        return "float";
    }
}
