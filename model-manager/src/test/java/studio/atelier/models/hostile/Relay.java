package studio.atelier.models.hostile;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** The network between two programs: bytes go through it unseen, until it breaks. */
public final class Relay implements AutoCloseable {
    /** For a connection that isn't cut. */
    public static final long NEVER = Long.MAX_VALUE;

    private final int to;
    private final LongSupplier cuts;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile ServerSocket door;

    /**
     * Opens it.
     *
     * @param to the port that bytes go to
     * @param cuts after how many bytes of the answer the next connection breaks
     */
    public Relay(int to, LongSupplier cuts) throws IOException {
        this.to = to;
        this.cuts = cuts;
        this.door = open(0);
    }

    public int port() {
        return door.getLocalPort();
    }

    private ServerSocket open(int port) throws IOException {
        ServerSocket opened = new ServerSocket();
        opened.setReuseAddress(true);
        opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        Thread.ofVirtual().start(() -> serve(opened));
        return opened;
    }

    private void serve(ServerSocket opened) {
        while (!opened.isClosed()) {
            try {
                Socket client = opened.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), to);
                open.add(client);
                open.add(server);
                Thread.ofVirtual().start(() -> copy(client, server, NEVER));
                long cut = cuts.getAsLong();
                Thread.ofVirtual().start(() -> copy(server, client, cut));
            } catch (IOException e) {
                // Closed, or the other side is gone: there is nobody to tell.
                continue;
            }
        }
    }

    private void copy(Socket from, Socket into, long most) {
        try (from;
                into) {
            InputStream in = from.getInputStream();
            OutputStream out = into.getOutputStream();
            byte[] bytes = new byte[8_192];
            long left = most;
            int read;
            while (left > 0 && (read = in.read(bytes, 0, (int) Math.min(bytes.length, left))) > 0) {
                out.write(bytes, 0, read);
                left -= read;
            }
        } catch (IOException e) {
            // The end of a connection is what a relay is for.
            return;
        } finally {
            open.remove(from);
            open.remove(into);
        }
    }

    /** Breaks every connection and takes no new ones, until {@link #comesBack}. */
    public void goesAway() throws IOException {
        door.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    /** Listens again where it did. */
    public void comesBack() throws IOException {
        door = open(port());
    }

    @Override
    public void close() throws IOException {
        goesAway();
    }
}
