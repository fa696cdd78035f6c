package studio.atelier.app.page;

import java.util.ArrayList;
import java.util.List;
import org.commonmark.Extension;
import org.commonmark.ext.autolink.AutolinkExtension;
import org.commonmark.ext.gfm.strikethrough.StrikethroughExtension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.ext.task.list.items.TaskListItemsExtension;
import org.commonmark.node.Node;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

/**
 * Markdown as models write it, made into HTML that can do nothing: HTML in it is shown as text, links lead to {@code
 * http}, {@code https} and {@code mailto} only, nothing is loaded. Any thread may use it.
 */
final class Markdown {
    /** Deeper nesting than any person reads; without a bound, a hostile text exhausts the stack. */
    private static final int MOST_NESTED_BLOCKS = 40;

    private static final int MOST_NESTED_INLINES = 40;

    private final Parser parser;
    private final HtmlRenderer renderer;

    Markdown(PageWords words) {
        List<Extension> extensions = List.of(
                TablesExtension.create(),
                StrikethroughExtension.create(),
                TaskListItemsExtension.create(),
                AutolinkExtension.create());
        parser = Parser.builder()
                .extensions(extensions)
                .maxOpenBlockParsers(MOST_NESTED_BLOCKS)
                .maxInlineNesting(MOST_NESTED_INLINES)
                .customBlockParserFactory(new MathBlockParser.Factory())
                .customInlineContentParserFactory(new MathSpanParser.Factory())
                .build();
        renderer = HtmlRenderer.builder()
                .extensions(extensions)
                .escapeHtml(true)
                .sanitizeUrls(true)
                // Models break lines where they mean it; a space between two Chinese characters would be wrong as well.
                .softbreak("<br />\n")
                .nodeRendererFactory(context -> new AnswerHtml(context, words))
                .build();
    }

    /** One piece of HTML for each paragraph, list, table or block of code, in order; none for a blank text. */
    List<String> blocks(String text) {
        List<String> blocks = new ArrayList<>();
        for (Node node = parser.parse(text).getFirstChild(); node != null; node = node.getNext()) {
            // Only the renderer writes tags, so these are its own. A wide table scrolls inside its frame.
            String html = renderer.render(node)
                    .replace("<table>", "<div class=\"table\"><table>")
                    .replace("</table>", "</table></div>");
            if (!html.isBlank()) {
                blocks.add(html);
            }
        }
        return blocks;
    }

    /** A text as it was written, without any Markdown. */
    static String plain(String text) {
        String escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        return "<div class=\"plain\">" + escaped + "</div>";
    }
}
