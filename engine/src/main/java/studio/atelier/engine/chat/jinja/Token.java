package studio.atelier.engine.chat.jinja;

/**
 * A piece of a template.
 *
 * @param text the name, the operator's sign, the unescaped string, the number's digits or the text between tags
 */
record Token(Kind kind, String text, int line) {
    enum Kind {
        DATA("template data"),
        PRINT_BEGIN("begin of print statement"),
        PRINT_END("end of print statement"),
        BLOCK_BEGIN("begin of statement block"),
        BLOCK_END("end of statement block"),
        NAME("name"),
        STRING("string"),
        INTEGER("integer"),
        FLOAT("float"),
        OPERATOR("operator"),
        END("end of template");

        private final String described;

        Kind(String described) {
            this.described = described;
        }

        String described() {
            return described;
        }
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }

    boolean isOperator(String sign) {
        return kind == Kind.OPERATOR && text.equals(sign);
    }

    /** As complaints name it. */
    String described() {
        return switch (kind) {
            case NAME, OPERATOR -> text;
            case DATA, PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END, STRING, INTEGER, FLOAT, END -> kind.described();
        };
    }
}
