package studio.atelier.engine.chat.jinja;

import java.util.Iterator;

/** Something that gives its elements once, one after the other, and makes them only then. */
record GeneratorValue(Iterator<Value> iterator, String typeName) implements Value {
    static GeneratorValue of(Iterator<Value> iterator) {
        return new GeneratorValue(iterator, "generator");
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
