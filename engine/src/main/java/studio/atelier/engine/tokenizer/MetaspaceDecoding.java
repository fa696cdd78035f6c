package studio.atelier.engine.tokenizer;

/** Metaspace's signs back to spaces; those of the very first token stand for no space of the text. */
final class MetaspaceDecoding implements TextSink {
    private final TextSink target;
    private final String sign;
    private boolean drops;

    MetaspaceDecoding(TextSink target, String sign, boolean dropsFirst) {
        this.target = target;
        this.sign = sign;
        this.drops = dropsFirst;
    }

    @Override
    public void text(String part) {
        target.text(part.replace(sign, drops ? "" : " "));
    }

    @Override
    public void endToken() {
        drops = false;
        target.endToken();
    }

    @Override
    public void end() {
        target.end();
    }
}
