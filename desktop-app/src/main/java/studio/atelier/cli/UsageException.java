package studio.atelier.cli;

/** A call that makes no sense; the message is one sentence that says what would. */
final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
