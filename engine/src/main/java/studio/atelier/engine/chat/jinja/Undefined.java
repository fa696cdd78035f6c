package studio.atelier.engine.chat.jinja;

import java.util.function.Supplier;
import studio.atelier.engine.chat.jinja.JinjaException.Fault;

/**
 * What a name, attribute or element is that does not exist: prints as nothing, is false and empty, and fails with its
 * message when anything else is done with it.
 */
final class Undefined implements Value {
    private final Fault fault;
    private final Supplier<String> message;

    /** @param message made only when it is wanted: templates ask for much that isn't there */
    private Undefined(Fault fault, Supplier<String> message) {
        this.fault = fault;
        this.message = message;
    }

    static Undefined because(String message) {
        return new Undefined(Fault.UNDEFINED, () -> message);
    }

    static Undefined name(String name) {
        return new Undefined(Fault.UNDEFINED, () -> Texts.quoted(name) + " is undefined");
    }

    static Undefined attribute(Value owner, String name) {
        return new Undefined(
                Fault.UNDEFINED, () -> Texts.quoted(described(owner)) + " has no attribute " + Texts.quoted(name));
    }

    /** @param key the key as Python's {@code repr} writes it */
    static Undefined element(Value owner, String key) {
        return new Undefined(Fault.UNDEFINED, () -> described(owner) + " has no element " + key);
    }

    static Undefined unsafe(Value owner, String name) {
        return new Undefined(
                Fault.SECURITY,
                () -> "access to attribute " + Texts.quoted(name) + " of '" + owner.typeName() + "' object is unsafe.");
    }

    private static String described(Value owner) {
        return owner instanceof NoneValue ? "None" : owner.qualifiedTypeName() + " object";
    }

    JinjaException failure() {
        return new JinjaException(fault, message.get());
    }

    @Override
    public String typeName() {
        return "Undefined";
    }

    @Override
    public String qualifiedTypeName() {
        return "jinja2.runtime.Undefined";
    }
}
