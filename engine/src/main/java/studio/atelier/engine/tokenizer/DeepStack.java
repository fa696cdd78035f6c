package studio.atelier.engine.tokenizer;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/** Runs a deeply recursive calculation on a thread of its own whose stack is large; pages are used as they are needed. */
final class DeepStack {
    private static final long STACK_SIZE_BYTES = 512L << 20;

    private DeepStack() {}

    /** The calculation's result; the caller waits for it. An unchecked exception comes through as it was. */
    static <T> T call(Supplier<T> calculation) {
        var result = new CompletableFuture<T>();
        Runnable body = () -> {
            try {
                result.complete(calculation.get());
            } catch (StackOverflowError e) {
                result.completeExceptionally(new IllegalStateException(
                        "The tokenizer's regular expression recurses too deeply on this text; shorten the text.", e));
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        };
        var thread = new Thread(null, body, "tokenizer-deep-stack", STACK_SIZE_BYTES);
        thread.setDaemon(true);
        thread.start();
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
