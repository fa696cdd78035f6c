package studio.atelier.engine.chat.jinja;

/** Jinja's {@code namespace()}: the one thing whose attributes templates can set, also from inside a loop. */
record NamespaceValue(DictValue attributes) implements Value {
    @Override
    public String typeName() {
        return "Namespace";
    }

    @Override
    public String qualifiedTypeName() {
        return "jinja2.utils.Namespace";
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
