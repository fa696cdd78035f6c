package studio.atelier.app.images;

/** A request that is refused before a model sees it. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    final transient Trouble trouble;

    Refusal(Trouble trouble) {
        super(trouble.title());
        this.trouble = trouble;
    }
}
