package studio.atelier.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import studio.atelier.engine.chat.OutputParser;
import studio.atelier.engine.chat.Piece;
import studio.atelier.engine.chat.ToolCall;
import studio.atelier.engine.generate.StopMatcher;
import studio.atelier.engine.tokenizer.SpecialTokens;
import studio.atelier.engine.tokenizer.StreamingDecoder;
import studio.atelier.engine.tokenizer.Tokenizer;

/** From the tokens of one answer to its pieces: decoded, ended at a stop text, thinking and tool calls taken apart. */
final class AnswerText {
    private final StreamingDecoder decoder;
    private final StopMatcher stops;
    private final Optional<OutputParser> parser;
    private final Consumer<GenerationEvent> sink;

    AnswerText(Tokenizer tokenizer, Prompting.Ready prompt, List<String> stopTexts, Consumer<GenerationEvent> sink) {
        // A parser finds its tags among the special tokens; without one nobody wants to read them.
        this.decoder =
                tokenizer.streamingDecoder(prompt.parser().isPresent() ? SpecialTokens.KEPT : SpecialTokens.SKIPPED);
        List<String> all = new ArrayList<>(stopTexts);
        prompt.stopText().ifPresent(all::add);
        this.stops = new StopMatcher(all);
        this.parser = prompt.parser();
        this.sink = sink;
    }

    /** Takes a token. Returns whether a stop text was met. */
    boolean write(int id) {
        tell(stops.accept(decoder.accept(id)));
        return stops.matched();
    }

    /** Tells what was held back. */
    void finish() {
        tell(stops.accept(decoder.flush()));
        tell(stops.flush());
        parser.ifPresent(open -> open.finish().forEach(this::tell));
    }

    private void tell(String text) {
        if (text.isEmpty()) {
            return;
        }
        if (parser.isPresent()) {
            parser.get().accept(text).forEach(this::tell);
        } else {
            sink.accept(new GenerationEvent.Text(text));
        }
    }

    private void tell(Piece piece) {
        sink.accept(
                switch (piece) {
                    case Piece.Text(String text) -> new GenerationEvent.Text(text);
                    case Piece.Reasoning(String text) -> new GenerationEvent.Reasoning(text);
                    case ToolCall call -> new GenerationEvent.ToolCall(call.name(), call.arguments());
                });
    }
}
