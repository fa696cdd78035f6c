package studio.atelier.engine.chat.jinja;

/** A function of the language or a method bound to its value. */
final class Function implements Callable {
    /** What it does. */
    interface Body {
        Value call(Arguments arguments, Rendering rendering);
    }

    private final String name;
    private final String typeName;
    private final Body body;

    private Function(String name, String typeName, Body body) {
        this.name = name;
        this.typeName = typeName;
        this.body = body;
    }

    static Function function(String name, Body body) {
        return new Function(name, "function", body);
    }

    static Function method(String name, Body body) {
        return new Function(name, "builtin_function_or_method", body);
    }

    String name() {
        return name;
    }

    @Override
    public Value call(Arguments arguments, Rendering rendering) {
        return body.call(arguments, rendering);
    }

    @Override
    public String typeName() {
        return typeName;
    }
}
