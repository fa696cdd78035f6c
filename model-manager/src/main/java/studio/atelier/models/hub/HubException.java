package studio.atelier.models.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A hub, the way to it, or the disk stands in the way.
 *
 * <p>The message is one sentence for a person and names at most a host: addresses may hold secrets. The {@link Reason}
 * is for programs.
 */
public final class HubException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Why there are no bytes. */
    public enum Reason {
        NOT_FOUND_OR_PRIVATE,
        GATED,
        REVISION_NOT_FOUND,
        FILE_NOT_FOUND,
        DISABLED,
        TOKEN_INVALID,
        TOKEN_SCOPE,
        /** A signed address has run out; asking the hub for a new one helps. */
        ADDRESS_EXPIRED,
        RATE_LIMITED,
        SERVER_FAILED,
        UNREACHABLE,
        /** Bytes stopped coming, or come too slowly to ever finish. */
        STALLED,
        CERTIFICATE,
        PROXY,
        NOT_A_HUB,
        OFFLINE,
        REDIRECT_REFUSED,
        /** The server answers another range than asked, or the whole file. */
        RANGE_IGNORED,
        /** What the hub says about a file is not what it said before. */
        CHANGED,
        CORRUPT,
        NAME_REFUSED,
        FORMAT_REFUSED,
        DISK_FULL,
        DISK_FAILED
    }

    private final Reason reason;
    private final boolean passing;
    private final @Nullable Duration retryAfter;

    private HubException(
            Reason reason, String message, boolean passing, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.passing = passing;
        this.retryAfter = retryAfter;
    }

    /** Asking again would not help. */
    public static HubException lasting(Reason reason, String message) {
        return new HubException(reason, message, false, null, null);
    }

    /** Asking again would not help. */
    public static HubException lasting(Reason reason, String message, Throwable cause) {
        return new HubException(reason, message, false, null, cause);
    }

    /** Asking again, after a while, may help. */
    public static HubException passing(Reason reason, String message) {
        return new HubException(reason, message, true, null, null);
    }

    /** Asking again, after a while, may help. */
    public static HubException passing(Reason reason, String message, Throwable cause) {
        return new HubException(reason, message, true, null, cause);
    }

    /** The server says how long to wait. */
    public static HubException after(Reason reason, String message, @Nullable Duration wait) {
        return new HubException(reason, message, true, wait, null);
    }

    /** What kind of obstacle it was. */
    public Reason reason() {
        return reason;
    }

    /** Whether the same request may succeed later. */
    public boolean isPassing() {
        return passing;
    }

    /** How long the server wants to be left alone, where it says so. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
