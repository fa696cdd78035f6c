package studio.atelier.models.download;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import studio.atelier.models.hub.RepoId;

/**
 * A model on its way.
 *
 * @param id names it for as long as the queue lives, restarts included
 * @param commit once it is pinned
 * @param message why it stopped, one sentence; empty unless it failed
 * @param ended when it finished, failed or was paused
 */
public record QueueItem(
        long id,
        Request request,
        State state,
        Optional<String> commit,
        Progress progress,
        String message,
        Optional<Instant> ended) {

    /** Where a model comes from. */
    public enum Source {
        HUGGING_FACE,
        MODEL_SCOPE
    }

    /** What becomes of it here. */
    public enum Form {
        AS_PUBLISHED,
        /** Every file is quantized to four bits when it has arrived, and then removed. */
        FOUR_BIT_AS_IT_ARRIVES,
        /** Likewise, with six bits for attention and the head: closer to what was published, a little larger. */
        MIXED_AS_IT_ARRIVES,
        /** Likewise, all in eight bits. */
        EIGHT_BIT_AS_IT_ARRIVES;

        /** Whether weights are quantized on the way. */
        public boolean quantizes() {
            return this != AS_PUBLISHED;
        }
    }

    /**
     * What a person asked for.
     *
     * @param variant of a repository of GGUF files; empty for the usual one
     */
    public record Request(RepoId repository, String revision, Source source, Form form, Optional<String> variant) {}

    /** Where it stands. */
    public enum State {
        WAITING,
        RUNNING,
        PAUSED,
        FINISHED,
        FAILED
    }

    /** What is being done at the moment. */
    public enum Step {
        ASKING,
        DOWNLOADING,
        VERIFYING,
        QUANTIZING,
        /** The network or the server is away; it goes on by itself. */
        STALLED
    }

    /**
     * How far it is.
     *
     * @param detail the file in work
     * @param doneBytes of {@code totalBytes} to download; 0 of 0 before the list is known
     * @param shardsDone large files that are finished, of {@code shards}
     */
    public record Progress(
            Step step,
            String detail,
            long doneBytes,
            long totalBytes,
            int shardsDone,
            int shards,
            double bytesPerSecond,
            Optional<Duration> left) {
        public static final Progress NONE = new Progress(Step.ASKING, "", 0, 0, 0, 0, 0, Optional.empty());
    }

    QueueItem in(State newState, String newMessage, Optional<Instant> newEnded) {
        return new QueueItem(id, request, newState, commit, progress, newMessage, newEnded);
    }

    QueueItem at(Progress newProgress) {
        return new QueueItem(id, request, state, commit, newProgress, message, ended);
    }

    QueueItem pinned(String newCommit) {
        return new QueueItem(id, request, state, Optional.of(newCommit), progress, message, ended);
    }
}
