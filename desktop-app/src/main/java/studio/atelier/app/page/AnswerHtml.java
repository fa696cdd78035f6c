package studio.atelier.app.page;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Image;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.renderer.NodeRenderer;
import org.commonmark.renderer.html.HtmlNodeRendererContext;
import org.commonmark.renderer.html.HtmlWriter;

/**
 * The parts of an answer that are written otherwise than usual: code with a head and a button, links only to where a
 * person may want to go, pictures as links because nothing is loaded, formulas for KaTeX.
 */
final class AnswerHtml implements NodeRenderer {
    private static final Set<String> SCHEMES = Set.of("http", "https", "mailto");
    private static final Map<String, String> NOTHING = Map.of();

    private final HtmlNodeRendererContext context;
    private final HtmlWriter html;
    private final PageWords words;

    AnswerHtml(HtmlNodeRendererContext context, PageWords words) {
        this.context = context;
        this.html = context.getWriter();
        this.words = words;
    }

    @Override
    public Set<Class<? extends Node>> getNodeTypes() {
        return Set.of(
                FencedCodeBlock.class,
                IndentedCodeBlock.class,
                Link.class,
                Image.class,
                MathSpan.class,
                MathBlock.class);
    }

    @Override
    public void render(Node node) {
        switch (node) {
            case FencedCodeBlock code -> code(code.getLiteral(), Optional.ofNullable(code.getInfo()));
            case IndentedCodeBlock code -> code(code.getLiteral(), Optional.empty());
            case Link link -> link(link, link.getDestination());
            case Image image -> link(image, image.getDestination());
            case MathSpan math -> math("span", math.display() ? "math display" : "math", math.latex());
            case MathBlock math -> mathBlock(math);
            default -> throw new IllegalArgumentException("node: expected one of its types, got " + node);
        }
    }

    private void code(String literal, Optional<String> info) {
        Optional<CodeLanguage> language = info.flatMap(CodeLanguage::of);
        html.line();
        html.tag("div", Map.of("class", "code"));
        html.tag("div", Map.of("class", "code-head"));
        html.tag("span");
        html.text(language.map(CodeLanguage::label).orElse(words.plainText()));
        html.tag("/span");
        html.tag("button", inOrder("type", "button", "class", "copy-code", "title", words.copy()));
        html.raw("<svg class=\"icon\" aria-hidden=\"true\"><use href=\"#icon-copy\"/></svg>");
        html.tag("/button");
        html.tag("/div");
        html.tag("pre");
        html.tag(
                "code",
                language.map(its -> Map.of("class", "language-" + its.name())).orElse(NOTHING));
        html.text(literal);
        html.tag("/code");
        html.tag("/pre");
        html.tag("/div");
        html.line();
    }

    private void link(Node node, String destination) {
        Optional<URI> address = allowed(destination);
        address.ifPresent(its -> html.tag("a", inOrder("href", its.toString(), "title", its.toString())));
        if (node.getFirstChild() == null) {
            html.text(destination);
        }
        for (Node child = node.getFirstChild(); child != null; child = child.getNext()) {
            context.render(child);
        }
        if (address.isPresent()) {
            html.tag("/a");
        }
    }

    private void mathBlock(MathBlock math) {
        html.line();
        if (math.isClosed()) {
            html.tag("div", Map.of("class", "math-block"));
            math("div", "math display", math.latex());
        } else {
            html.tag("p");
            math("span", "raw", math.source());
        }
        html.tag(math.isClosed() ? "/div" : "/p");
        html.line();
    }

    private void math(String tag, String kind, String latex) {
        html.tag(tag, Map.of("class", kind));
        html.text(latex);
        html.tag("/" + tag);
    }

    /** The address behind a link, if it is one that may be opened. */
    static Optional<URI> allowed(String destination) {
        try {
            URI address = new URI(destination.strip().replace(" ", "%20"));
            String scheme = address.getScheme();
            boolean known = scheme != null && SCHEMES.contains(scheme.toLowerCase(Locale.ROOT));
            return known ? Optional.of(address) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static Map<String, String> inOrder(String... namesAndValues) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            attributes.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return attributes;
    }
}
