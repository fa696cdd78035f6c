package studio.atelier.engine.tokenizer;

/** Takes up to {@code start} signs from the beginning of each token and up to {@code stop} from its end. */
final class StrippedDecoding implements TextSink {
    private final TextSink target;
    private final String sign;
    private final int start;
    private final int stop;
    // How many signs may still go at this token's beginning; the signs at the end seen so far, not yet passed on.
    private int startLeft;
    private int signsHeld;

    StrippedDecoding(TextSink target, String sign, int start, int stop) {
        this.target = target;
        this.sign = sign;
        this.start = start;
        this.stop = stop;
        this.startLeft = start;
    }

    @Override
    public void text(String part) {
        int from = 0;
        while (startLeft > 0 && part.startsWith(sign, from)) {
            from += sign.length();
            startLeft--;
        }
        if (from == part.length()) {
            return;
        }
        startLeft = 0;
        int to = part.length();
        int signs = 0;
        while (signs < stop && to - sign.length() >= from && part.startsWith(sign, to - sign.length())) {
            to -= sign.length();
            signs++;
        }
        // Signs held before stay candidates only while nothing but signs follows.
        int candidates = to == from ? Math.min(stop, signsHeld + signs) : signs;
        String kept = sign.repeat(signsHeld + signs - candidates);
        String text = to == from ? kept : sign.repeat(signsHeld) + part.substring(from, to);
        signsHeld = candidates;
        if (!text.isEmpty()) {
            target.text(text);
        }
    }

    @Override
    public void endToken() {
        startLeft = start;
        signsHeld = 0;
        target.endToken();
    }

    @Override
    public void end() {
        target.end();
    }
}
