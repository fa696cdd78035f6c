package studio.atelier.engine.chat.jinja;

/** markupsafe's escaping. */
final class Html {
    private Html() {}

    static String escape(String text) {
        if (text.chars().noneMatch(c -> c == '&' || c == '<' || c == '>' || c == '\'' || c == '"')) {
            return text;
        }
        return text.replace("&", "&amp;")
                .replace(">", "&gt;")
                .replace("<", "&lt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }

    /** A text as HTML; what is safe already stays as it is. */
    static String escape(StringValue string) {
        return string.markup() ? string.text() : escape(string.text());
    }

    static String escape(Value value, Budget budget) {
        if (value instanceof StringValue string) {
            budget.work(string.text().length());
            return escape(string);
        }
        return budget.made(escape(Texts.str(value, budget)));
    }

    /** Comments and tags taken out, white space collapsed, entities of the five escapes resolved. */
    static String withoutTags(String text) {
        String rest = without(without(text, "<!--", "-->"), "<", ">");
        String collapsed = String.join(" ", TextSplitting.bySpace(rest, -1));
        return collapsed
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&#39;", "'")
                .replace("&#34;", "\"")
                .replace("&quot;", "\"")
                .replace("&nbsp;", "\u00a0")
                .replace("&amp;", "&");
    }

    private static String without(String text, String begin, String end) {
        var kept = new StringBuilder();
        int from = 0;
        while (true) {
            int start = text.indexOf(begin, from);
            int stop = start < 0 ? -1 : text.indexOf(end, start);
            if (stop < 0) {
                return kept.append(text, from, text.length()).toString();
            }
            kept.append(text, from, start);
            from = stop + end.length();
        }
    }
}
