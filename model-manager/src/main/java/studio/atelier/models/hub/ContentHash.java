package studio.atelier.models.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/**
 * What a file's bytes must add up to.
 *
 * @param hex lower case
 */
public record ContentHash(Kind kind, String hex) {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern SHA1 = Pattern.compile("[0-9a-f]{40}");
    private static final int BUFFER_BYTES = 256 << 10;

    /** How it is computed. */
    public enum Kind {
        /** Of the bytes alone: large files. */
        SHA256,
        /** SHA-1 of {@code "blob <size>\0"} and the bytes, as git names small files. */
        GIT_BLOB
    }

    public ContentHash {
        Pattern expected = kind == Kind.SHA256 ? SHA256 : SHA1;
        if (!expected.matcher(hex).matches()) {
            throw new IllegalArgumentException("hash: expected " + expected + ", got " + hex);
        }
    }

    /** Tells by the length which kind it is; empty for anything that is neither. */
    public static Optional<ContentHash> of(String hex) {
        if (SHA256.matcher(hex).matches()) {
            return Optional.of(new ContentHash(Kind.SHA256, hex));
        }
        return SHA1.matcher(hex).matches() ? Optional.of(new ContentHash(Kind.GIT_BLOB, hex)) : Optional.empty();
    }

    /** The same kind of hash of bytes that are given in order. */
    public static final class Computation {
        private final Kind kind;
        private final MessageDigest digest;

        private Computation(Kind kind, MessageDigest digest) {
            this.kind = kind;
            this.digest = digest;
        }

        /** Takes all of a buffer. */
        public void update(ByteBuffer bytes) {
            digest.update(bytes);
        }

        /** The hash of all of them; the end. */
        public ContentHash finish() {
            return new ContentHash(kind, HexFormat.of().formatHex(digest.digest()));
        }
    }

    /** Begins the same kind of hash of so many bytes. */
    public Computation begin(long sizeBytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance(kind == Kind.SHA256 ? "SHA-256" : "SHA-1");
            if (kind == Kind.GIT_BLOB) {
                digest.update(("blob " + sizeBytes + "\0").getBytes(StandardCharsets.US_ASCII));
            }
            return new Computation(kind, digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1 and SHA-256", e);
        }
    }

    /** The same kind of hash of a file as it lies on the disk. */
    public ContentHash ofFile(Path file, LongConsumer onBytes) throws IOException, InterruptedException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            Computation computation = begin(channel.size());
            // On the heap, where the hash takes all of it at once; outside it would take 4 KB at a time.
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
            while (channel.read(buffer) >= 0) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                buffer.flip();
                onBytes.accept(buffer.remaining());
                computation.update(buffer);
                buffer.clear();
            }
            return computation.finish();
        }
    }

    static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return (kind == Kind.SHA256 ? "SHA-256 " : "git ") + hex;
    }
}
