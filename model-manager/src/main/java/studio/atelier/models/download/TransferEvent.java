package studio.atelier.models.download;

import java.time.Duration;
import java.util.function.Consumer;
import studio.atelier.models.hub.HubException;

/** What happens to a file on its way. Comes from several threads, the network's among them. */
public sealed interface TransferEvent {
    /** Bytes of it are on the disk from before, checked. */
    record Kept(String path, long bytes) implements TransferEvent {}

    /** Bytes came from the network and are written. */
    record Received(String path, long bytes) implements TransferEvent {}

    /** Bytes that were counted before turned out useless. */
    record Dropped(String path, long bytes) implements TransferEvent {}

    /** Nothing comes for a while; the failure says why. */
    record Waiting(String path, HubException failure, Duration pause) implements TransferEvent {}

    /** All bytes are there and are being hashed. */
    record Verifying(String path) implements TransferEvent {}

    /** It has its name, and its hash is right. */
    record Finished(String path) implements TransferEvent {}

    /** Listens to nothing. */
    Consumer<TransferEvent> IGNORED = _ -> {};
}
