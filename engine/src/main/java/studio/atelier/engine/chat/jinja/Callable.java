package studio.atelier.engine.chat.jinja;

/** A value that can be called. */
sealed interface Callable extends Value permits Function, MacroValue, LoopValue {
    Value call(Arguments arguments, Rendering rendering);
}
