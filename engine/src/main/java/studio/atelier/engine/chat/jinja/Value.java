package studio.atelier.engine.chat.jinja;

/** A value of the template language: Python's own types, and what Jinja adds to them. */
sealed interface Value
        permits NoneValue,
                BooleanValue,
                IntegerValue,
                FloatValue,
                StringValue,
                ListValue,
                TupleValue,
                DictValue,
                DictView,
                RangeValue,
                GeneratorValue,
                NamespaceValue,
                CyclerValue,
                Undefined,
                Callable {

    /** The name of the Python type, as error messages say it. */
    String typeName();

    /** The type with its module where it is not one of Python's own. */
    default String qualifiedTypeName() {
        return typeName();
    }
}
