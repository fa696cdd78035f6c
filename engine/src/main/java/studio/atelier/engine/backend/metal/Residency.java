package studio.atelier.engine.backend.metal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.backend.ffi.AutoreleasePool;
import studio.atelier.engine.backend.ffi.CommandQueue;
import studio.atelier.engine.backend.ffi.DeviceBuffer;
import studio.atelier.engine.backend.ffi.MetalDevice;
import studio.atelier.engine.backend.ffi.ResidencySet;

/**
 * Keeps a model's buffers wired while it is in use. macOS lets go of what rests for about a second, and the next token
 * would wait for it; so a heartbeat asks again for a few minutes, then gives the memory back.
 *
 * <p>Before macOS 15 there are no residency sets and this does nothing. The heartbeat has its own thread.
 */
final class Residency implements AutoCloseable {
    private static final long BEAT_MILLIS = 100;
    private static final long KEPT_NANOS = 180_000_000_000L;

    private final @Nullable ResidencySet set;
    private final List<DeviceBuffer> added = new ArrayList<>();
    private @Nullable Thread heart;
    private boolean changed;
    private boolean wired;
    private long lastUseNanos = System.nanoTime();

    private Residency(@Nullable ResidencySet set) {
        this.set = set;
    }

    static Residency on(MetalDevice device, CommandQueue queue) {
        Residency residency = new Residency(device.hasResidencySets() ? device.newResidencySet() : null);
        residency.attach(queue);
        return residency;
    }

    /** Every command of the queue finds the buffers resident. */
    void attach(CommandQueue queue) {
        if (set != null) {
            queue.add(set);
        }
    }

    /** From the next use on. */
    synchronized void add(DeviceBuffer buffer) {
        if (set != null) {
            set.add(buffer);
            added.add(buffer);
            changed = true;
        }
    }

    /** Said before each pass. */
    synchronized void use() {
        lastUseNanos = System.nanoTime();
        if (set == null || added.isEmpty()) {
            return;
        }
        if (changed) {
            set.commit();
            changed = false;
        }
        if (!wired) {
            set.request();
            wired = true;
        }
        if (heart == null) {
            heart = Thread.ofPlatform().daemon().name("atelier-residency").start(this::beat);
        }
    }

    private void beat() {
        try {
            while (true) {
                Thread.sleep(BEAT_MILLIS);
                if (!beatOnce()) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    private synchronized boolean beatOnce() {
        ResidencySet members = set;
        if (heart == null || members == null) {
            return false;
        }
        try (AutoreleasePool _ = new AutoreleasePool()) {
            if (System.nanoTime() - lastUseNanos > KEPT_NANOS) {
                members.end();
                wired = false;
                heart = null;
                return false;
            }
            if (!changed) {
                members.request();
            }
            return true;
        }
    }

    @Override
    public synchronized void close() {
        if (heart != null) {
            heart.interrupt();
            heart = null;
        }
        if (set != null) {
            if (wired) {
                set.end();
            }
            set.close();
        }
    }
}
