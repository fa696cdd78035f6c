package studio.atelier.app.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.i18n.Messages;

final class MarkdownTest {
    /** Every tag that the page may be given; whatever else a text holds must come out as text. */
    private static final Pattern FOREIGN_TAG =
            Pattern.compile("<(?!/?(?:p|br|strong|em|del|code|pre|a|ul|ol|li|input|h[1-6]"
                    + "|blockquote|hr|table|thead|tbody|tr|th|td|div|span|button|svg|use)\\b)");

    private static final Pattern HANDLER = Pattern.compile("<[^>]*\\son\\w+\\s*=");

    private final Markdown markdown = new Markdown(PageWords.of(Messages.in(Language.ENGLISH)));

    private String html(String text) {
        return String.join("", markdown.blocks(text));
    }

    @Test
    void everyBlockStandsAlone() {
        List<String> blocks = markdown.blocks("One\n\n- a\n- b\n\n> Two\n\n```\ncode\n```\n");
        assertEquals(4, blocks.size());
        assertTrue(blocks.get(1).contains("<li>a</li>"), blocks.get(1));
        assertEquals(List.of(), markdown.blocks("  \n\n"));
    }

    @Test
    void tablesTasksStrikethroughAndAddresses() {
        String html = html("""
                | a | b |
                |:--|--:|
                | 1 | 2 |

                - [x] done
                - [ ] to do

                ~~gone~~ https://example.org/a?b=c
                """);
        assertTrue(html.contains("<div class=\"table\"><table>"), html);
        assertTrue(html.contains("<td align=\"right\">2</td>"), html);
        assertTrue(html.contains("type=\"checkbox\" disabled=\"\" checked=\"\""), html);
        assertTrue(html.contains("<del>gone</del>"), html);
        assertTrue(html.contains("<a href=\"https://example.org/a?b=c\""), html);
    }

    @Test
    void lineBreaksAreKept() {
        assertTrue(html("春眠不觉晓\n处处闻啼鸟").contains("晓<br />\n处"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>alert(1)</script>",
                "text <img src=x onerror=alert(1)> text",
                "<iframe src=\"https://example.org\"></iframe>",
                "<svg onload=alert(1)>",
                "<a href=\"javascript:alert(1)\">x</a>",
                "</div></div><style>*{display:none}</style>",
                "[x](javascript:alert(1))",
                "[x](JaVaScRiPt:alert(1))",
                "[x](data:text/html;base64,PHNjcmlwdD4=)",
                "[x](file:///etc/passwd)",
                "[x](atelier://page/chat.html)",
                "![x](javascript:alert(1))",
                "![x](https://example.org/p.png\" onerror=\"alert(1))",
                "[x](<https://example.org/\" onclick=\"alert(1)>)",
                "[x](https://example.org 'a\" onmouseover=\"alert(1)')",
                "```\"><script>alert(1)</script>\ncode\n```",
                "```java onclick=alert(1)\n</code></pre><script>alert(1)</script>\n```",
                "$</span><script>alert(1)</script>$",
                "$$\n</div><img src=x onerror=alert(1)>\n$$",
                "| <script>alert(1)</script> |\n|--|\n| <b onclick=x>y</b> |",
                "<!-- --><script>alert(1)</script>",
                "<javascript:alert(1)>",
                "&lt;script&gt;alert(1)&lt;/script&gt;",
                "`<script>alert(1)</script>`"
            })
    void hostileTextStaysText(String text) {
        String html = html(text);
        assertFalse(FOREIGN_TAG.matcher(html).find(), html);
        assertFalse(HANDLER.matcher(html).find(), html);
        assertFalse(
                Pattern.compile("href=\"(?!https?:|mailto:|#icon)")
                        .matcher(html)
                        .find(),
                html);
    }

    @Test
    void linksLeadToAddressesOfPeopleOnly() {
        assertTrue(html("[a](https://example.org)").contains("<a href=\"https://example.org\""));
        assertTrue(html("[a](mailto:a@example.org)").contains("<a href=\"mailto:a@example.org\""));
        assertEquals("<p>a</p>\n", html("[a](ftp://example.org)"));
        assertEquals("<p>a</p>\n", html("[a](notes/x.md)"));
    }

    @Test
    void picturesAreLinks() {
        String html = html("![a cat](https://example.org/cat.png)");
        assertTrue(html.contains("<a href=\"https://example.org/cat.png\"") && html.contains(">a cat</a>"), html);
        assertFalse(html.contains("<img"), html);
    }

    @Test
    void codeNamesItsLanguage() {
        assertTrue(html("```py\nx\n```").contains("<span>Python</span>"));
        assertTrue(html("```py\nx\n```").contains("<code class=\"language-py\">x\n</code>"));
        assertTrue(html("```\nx\n```").contains("<span>Text</span>"));
        assertTrue(html("    x").contains("<span>Text</span>"));
        assertTrue(html("~~~c++ title=\"a\"\nx\n~~~").contains("<span>C++</span>"));
    }

    @Test
    void unclosedFenceIsCodeAlready() {
        String html = html("Look:\n\n```java\nint a = 1;\nif (a <");
        assertTrue(html.contains("<code class=\"language-java\">int a = 1;\nif (a &lt;"), html);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "so $a^2 + b^2 = c^2$ holds",
                "so \\(a^2 + b^2 = c^2\\) holds",
                "令$a^2 + b^2 = c^2$，则",
                "**$a^2 + b^2 = c^2$**",
                "- item $a^2 + b^2 = c^2$",
                "| x |\n|---|\n| $a^2 + b^2 = c^2$ |"
            })
    void formulasInLines(String text) {
        assertTrue(html(text).contains("<span class=\"math\">a^2 + b^2 = c^2</span>"), html(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$$a_1 * b_1$$",
                "$$\na_1 * b_1\n$$",
                "\\[a_1 * b_1\\]",
                "\\[\na_1 * b_1\n\\]",
                "Then:\n$$\na_1 * b_1\n$$\nand on",
                "> $$\n> a_1 * b_1\n> $$",
                "1. first\n\n   $$\n   a_1 * b_1\n   $$"
            })
    void formulasOfTheirOwn(String text) {
        assertTrue(html(text).contains("<div class=\"math display\">a_1 * b_1</div>"), html(text));
    }

    @Test
    void linesOfAFormulaAreNoMarkdown() {
        String html = html("$$\n\\begin{aligned}\n- a &= b \\\\\n+ c &= d\n\\end{aligned}\n$$");
        assertFalse(html.contains("<li>"), html);
        assertTrue(html.contains("+ c &amp;= d"), html);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "It costs $5 and $10.",
                "It costs $5, or 5$ if you ask.",
                "between US$5 and US$10",
                "$5/$10",
                "set $HOME and $PATH",
                "echo $HOME:$PATH",
                "a $ b $ c",
                "\\$a\\$",
                "`$a$`",
                "```\n$a$ $$b$$\n```",
                "    $a$",
                "see \\[1\\] and \\[note\\]",
                "a \\(plain words here\\) b",
                "$$",
                "$$$",
                "$"
            })
    void noFormulas(String text) {
        assertFalse(html(text).contains("class=\"math"), html(text));
    }

    @Test
    void formulaThatIsNotClosedShowsAsWritten() {
        String open = html("So\n\n$$\nx_1 * y_1 *");
        assertTrue(open.contains("<span class=\"raw\">$$x_1 * y_1 *</span>"), open);
        String interrupted = html("$$ is what TeX wants\n\nNext *paragraph*");
        assertTrue(interrupted.contains("<em>paragraph</em>"), interrupted);
    }

    @Test
    void everyBeginningOfAnAnswerIsSafe() {
        String answer = """
                # A <b>title</b>

                Text with `code`, $x<y$, [a link](https://example.org) and **bold**.

                ```html
                <script>alert(1)</script>
                ```

                | a | b |
                |---|---|
                | <i>1</i> | $$z$$ |

                $$
                \\frac{1}{2} < 1
                $$
                """;
        for (int end = 0; end <= answer.length(); end++) {
            String html = html(answer.substring(0, end));
            assertFalse(FOREIGN_TAG.matcher(html).find(), html);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"> ", "- ", "*a **b ", "[", "![", "$a ", "$$ ", "\\( ", "`", "<", "| ", "\u0000", "&#0;", "🦊"})
    void hostileRepetitionComesToAnEnd(String piece) {
        String html = html(piece.repeat(5_000));
        assertFalse(FOREIGN_TAG.matcher(html).find(), piece);
    }

    @Test
    void millionCharactersComeInManyBlocks() {
        String paragraph = "Some words, and some more. ".repeat(38) + "\n\n";
        List<String> blocks = markdown.blocks(paragraph.repeat(1_000));
        assertEquals(1_000, blocks.size());
    }

    @Test
    void hugeTableIsOneBlock() {
        List<String> blocks = markdown.blocks("| a | b |\n|---|---|\n" + "| 1 | 2 |\n".repeat(5_000));
        assertEquals(1, blocks.size());
        assertEquals(5_001, blocks.getFirst().split("<tr>", -1).length - 1);
    }

    @Test
    void whatAPersonWroteIsNoMarkdown() {
        assertEquals("<div class=\"plain\"># a &lt;b&gt; &amp; *c*</div>", Markdown.plain("# a <b> & *c*"));
    }
}
