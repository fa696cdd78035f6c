package studio.atelier.models.hub;

import java.io.EOFException;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Status and headers of an answer over a {@link Wire}, and how its body ends (RFC 9112, section 6). Whatever two readers
 * could understand in two ways is refused.
 *
 * @param lengthBytes of the body; empty when it comes in chunks or ends with the connection
 * @param chunked in pieces that say how long they are
 * @param staying whether the connection can be used again after the body
 */
record AnswerHead(int status, HttpHeaders headers, OptionalLong lengthBytes, boolean chunked, boolean staying) {
    private static final int MOST_BYTES = 64 << 10;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.([01]) ([1-5]\\d\\d)( .*)?");
    private static final Pattern FIELD = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \\t]*(.*?)[ \\t]*");
    private static final Pattern LENGTH = Pattern.compile("\\d{1,18}");
    private static final Pattern CHUNK = Pattern.compile("([0-9A-Fa-f]{1,15})[ \\t]*(;.*)?");

    /** Reads lines of a head, and no more bytes than a head may have. */
    private static final class Lines {
        private final Wire wire;
        private int leftBytes = MOST_BYTES;

        Lines(Wire wire) {
            this.wire = wire;
        }

        String next() throws IOException {
            StringBuilder line = new StringBuilder();
            while (true) {
                if (leftBytes-- == 0) {
                    throw new IOException("the answer's head has more than " + MOST_BYTES + " bytes");
                }
                char one = (char) (wire.waiting().get() & 0xFF);
                if (one == '\n') {
                    boolean returned = !line.isEmpty() && line.charAt(line.length() - 1) == '\r';
                    return returned ? line.substring(0, line.length() - 1) : line.toString();
                }
                line.append(one);
            }
        }
    }

    /** Reads the next one; those that only say that another will come are passed over. */
    static AnswerHead read(Wire wire) throws IOException {
        Lines lines = new Lines(wire);
        while (true) {
            Matcher status = STATUS.matcher(lines.next());
            if (!status.matches()) {
                throw new IOException("no HTTP answer");
            }
            int code = Integer.parseInt(status.group(2));
            HttpHeaders headers = fields(lines);
            if (code >= 200 || code == 101) {
                return of(code, headers, status.group(1).equals("1"));
            }
        }
    }

    private static HttpHeaders fields(Lines lines) throws IOException {
        Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
            Matcher field = FIELD.matcher(line);
            if (!field.matches()) {
                throw new IOException("the answer's head has a line that is no header");
            }
            fields.computeIfAbsent(field.group(1), _ -> new ArrayList<>()).add(field.group(2));
        }
        return HttpHeaders.of(fields, (_, _) -> true);
    }

    private static AnswerHead of(int status, HttpHeaders headers, boolean modern) throws IOException {
        List<String> codings = headers.allValues("Transfer-Encoding");
        List<String> lengths =
                headers.allValues("Content-Length").stream().distinct().toList();
        boolean chunked = !codings.isEmpty();
        if (chunked && !(codings.size() == 1 && codings.getFirst().equalsIgnoreCase("chunked"))) {
            throw new IOException("the answer's body is coded in a way that was not asked for");
        }
        if (lengths.size() > 1
                || !lengths.isEmpty() && !LENGTH.matcher(lengths.getFirst()).matches()
                || chunked && !lengths.isEmpty()) {
            throw new IOException("the answer's head gives several lengths, or none that is a number");
        }
        boolean empty = status == 204 || status == 304;
        OptionalLong length = empty
                ? OptionalLong.of(0)
                : lengths.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(lengths.getFirst()));
        boolean closes = headers.allValues("Connection").stream()
                .anyMatch(value -> value.toLowerCase(Locale.ROOT).contains("close"));
        boolean ends = chunked || length.isPresent();
        return new AnswerHead(status, headers, length, chunked && !empty, modern && !closes && ends && status != 101);
    }

    /**
     * Hands the body to a sink.
     *
     * @throws EOFException when the connection ends before the body does
     */
    void body(Wire wire, BoundedSink sink) throws IOException {
        if (chunked) {
            chunks(wire, sink);
        } else if (lengthBytes.isPresent()) {
            piece(wire, sink, lengthBytes.getAsLong());
        } else {
            rest(wire, sink);
        }
    }

    private static void piece(Wire wire, BoundedSink sink, long bytes) throws IOException {
        long left = bytes;
        while (left > 0) {
            ByteBuffer came = wire.waiting();
            int taken = (int) Math.min(left, came.remaining());
            hand(came.slice(came.position(), taken), sink);
            came.position(came.position() + taken);
            left -= taken;
        }
    }

    private static void hand(ByteBuffer bytes, BoundedSink sink) throws IOException {
        if (!sink.accept(bytes)) {
            throw new IOException("nobody waits for the answer any more");
        }
    }

    private static void chunks(Wire wire, BoundedSink sink) throws IOException {
        while (true) {
            Matcher size = CHUNK.matcher(new Lines(wire).next());
            if (!size.matches()) {
                throw new IOException("the answer has a chunk without a length");
            }
            long bytes = Long.parseLong(size.group(1), 16);
            if (bytes == 0) {
                fields(new Lines(wire));
                return;
            }
            piece(wire, sink, bytes);
            if (!new Lines(wire).next().isEmpty()) {
                throw new IOException("the answer has a chunk that is longer than it says");
            }
        }
    }

    private static void rest(Wire wire, BoundedSink sink) throws IOException {
        while (true) {
            ByteBuffer came;
            try {
                came = wire.waiting();
            } catch (EOFException e) {
                return;
            }
            hand(came.slice(), sink);
            came.position(came.limit());
        }
    }
}
