package studio.atelier.app.instance;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The right to be the one window of a data folder, and the ear for programs that are started later. They talk through a
 * socket file in the folder, which is closed to other people of the machine. A lock says who listens; the system lets go of
 * it when the process ends, however it ends, and a socket file that was left behind is replaced.
 */
public final class OneWindow implements AutoCloseable {
    private static final Logger LOG = System.getLogger(OneWindow.class.getName());
    private static final String LOCK = "window.lock";
    private static final String SOCKET = "window.socket";
    private static final int MOST_REQUESTS = 64;
    private static final int HEARD = 1;

    private final Path socket;
    private final FileChannel lock;
    private final @Nullable ServerSocketChannel server;
    private final List<List<String>> waiting = new ArrayList<>();
    private @Nullable Consumer<List<String>> listener;

    private OneWindow(Path socket, FileChannel lock, @Nullable ServerSocketChannel server) {
        this.socket = socket;
        this.lock = lock;
        this.server = server;
    }

    /**
     * Takes the folder, which must be there.
     *
     * @return empty when another program has it
     * @throws IOException when the folder can't be written
     */
    public static Optional<OneWindow> claim(Path folder) throws IOException {
        FileChannel lock = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!isFree(lock)) {
            lock.close();
            return Optional.empty();
        }
        Path socket = folder.resolve(SOCKET);
        OneWindow window = new OneWindow(socket, lock, listen(socket));
        if (window.server != null) {
            Thread.ofPlatform().name("atelier-one-window").daemon().start(window::accept);
        }
        return Optional.of(window);
    }

    private static boolean isFree(FileChannel channel) throws IOException {
        try {
            FileLock taken = channel.tryLock();
            return taken != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static @Nullable ServerSocketChannel listen(Path socket) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            Files.deleteIfExists(socket);
            return server.bind(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            // A path may be too long for a socket; the window works, and a second one says that the folder is in use.
            LOG.log(Level.WARNING, "programs started later can't reach this window", e);
            server.close();
            return null;
        }
    }

    /**
     * Tells the window of a folder what is asked of it, and to come to the front.
     *
     * @param requests as {@link OpenRequest#text}; may be empty
     * @return whether a window heard it
     */
    public static boolean tell(Path folder, List<String> requests) {
        Path socket = folder.resolve(SOCKET);
        if (!Files.exists(socket)) {
            return false;
        }
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            DataOutputStream out = new DataOutputStream(Channels.newOutputStream(channel));
            List<String> sent = requests.subList(0, Math.min(requests.size(), MOST_REQUESTS));
            out.writeInt(sent.size());
            for (String request : sent) {
                out.writeUTF(request);
            }
            out.flush();
            return Channels.newInputStream(channel).read() == HEARD;
        } catch (IOException e) {
            // Nobody listens: the file was left by a program that was killed.
            return false;
        }
    }

    private void accept() {
        ServerSocketChannel open = server;
        while (open != null && open.isOpen()) {
            try {
                SocketChannel caller = open.accept();
                Thread.ofVirtual().start(() -> hear(caller));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void hear(SocketChannel caller) {
        try (caller) {
            DataInputStream in = new DataInputStream(Channels.newInputStream(caller));
            int count = in.readInt();
            if (count < 0 || count > MOST_REQUESTS) {
                throw new IOException("expected at most " + MOST_REQUESTS + " requests, got " + count);
            }
            List<String> requests = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                requests.add(in.readUTF());
            }
            pass(requests);
            Channels.newOutputStream(caller).write(HEARD);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "a program that called this window was not understood", e);
        }
    }

    private synchronized void pass(List<String> requests) {
        if (listener == null) {
            waiting.add(requests);
        } else {
            listener.accept(requests);
        }
    }

    /** Says who is told, on a thread of its own, what later programs were asked for; what came before is told at once. */
    public synchronized void listen(Consumer<List<String>> told) {
        listener = told;
        waiting.forEach(told);
        waiting.clear();
    }

    /** Lets others have the folder. */
    @Override
    public void close() throws IOException {
        try (lock) {
            if (server != null) {
                server.close();
                Files.deleteIfExists(socket);
            }
        }
    }
}
