package studio.atelier.engine.backend.metal;

import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.backend.ffi.DeviceBuffer;

/**
 * Memory of lasting tensors: pieces of a few large buffers, for every buffer costs time with every command. A piece is
 * free again when its tensor is garbage.
 */
final class LastingMemory implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final long ALIGNMENT_BYTES = 256;
    private static final long SLAB_BYTES = 4L << 20;

    private record Piece(DeviceBuffer slab, long offset, long size) {}

    private final Gpu gpu;
    private final List<DeviceBuffer> slabs = new ArrayList<>();
    private final List<Piece> free = new ArrayList<>();
    /** Those that commands which did not end may write into, and of them what is nobody's any more. */
    private final List<DeviceBuffer> suspect = new ArrayList<>();

    private final List<Piece> aside = new ArrayList<>();

    LastingMemory(Gpu gpu) {
        this.gpu = gpu;
    }

    /** Zeroed memory. */
    synchronized Region take(long sizeBytes) {
        long size = Math.ceilDiv(Math.max(1, sizeBytes), ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
        for (int i = 0; i < free.size(); i++) {
            Piece piece = free.get(i);
            if (piece.size() >= size) {
                if (piece.size() == size) {
                    free.remove(i);
                } else {
                    free.set(i, new Piece(piece.slab(), piece.offset() + size, piece.size() - size));
                }
                Region region = new Region(piece.slab(), piece.offset(), size);
                region.memory().fill((byte) 0);
                return region;
            }
        }
        DeviceBuffer slab = gpu.newBuffer(Math.max(size, slabBytes()), "lasting");
        slabs.add(slab);
        if (slab.lengthBytes() > size) {
            free.add(new Piece(slab, size, slab.lengthBytes() - size));
        }
        return new Region(slab, 0, size);
    }

    private long slabBytes() {
        return Math.min(SLAB_BYTES, gpu.device().maxBufferLengthBytes() / 4);
    }

    /** The region comes back when the owner is garbage; nothing that runs may need it then. */
    void freeWith(Object owner, Region region) {
        CLEANER.register(owner, () -> giveBack(region));
    }

    private synchronized void giveBack(Region region) {
        Piece piece = new Piece(region.buffer(), region.offsetBytes(), region.sizeBytes());
        (suspect.contains(piece.slab()) ? aside : free).add(piece);
    }

    /** Commands that use some of it did not end: nothing of what there is now is given to others. */
    synchronized void distrust() {
        suspect.addAll(slabs);
        aside.addAll(free);
        free.clear();
    }

    /** Those commands have ended. */
    synchronized void trust() {
        free.addAll(aside);
        aside.clear();
        suspect.clear();
    }

    /** Bytes that are given to nobody. */
    synchronized long asideBytes() {
        return aside.stream().mapToLong(Piece::size).sum();
    }

    @Override
    public synchronized void close() {
        free.clear();
        aside.clear();
        slabs.forEach(DeviceBuffer::close);
        slabs.clear();
    }
}
